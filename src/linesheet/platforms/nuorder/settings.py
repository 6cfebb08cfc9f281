"""What a NuORDER connection asks for: its four keys, and how its tasks shall work."""

from linesheet.platforms.nuorder.auth import Dialect
from linesheet.platforms.nuorder.placed import COLOUR_AND_FABRIC
from linesheet.sync.order_settings import ORDER_SETTINGS
from linesheet.sync.platform import Choice, Setting, SettingKind

_WHERE = "In NuORDER under Admin > API Management."

CREDENTIALS = (
    Setting(key="consumer_key", label="Consumer key", kind=SettingKind.SECRET, required=True, help=_WHERE),
    Setting(key="consumer_secret", label="Consumer secret", kind=SettingKind.SECRET, required=True, help=_WHERE),
    Setting(key="token", label="Token", kind=SettingKind.SECRET, required=True, help=_WHERE),
    Setting(key="token_secret", label="Token secret", kind=SettingKind.SECRET, required=True, help=_WHERE),
)

SETTINGS = (
    *ORDER_SETTINGS,
    Setting(
        key="import_statuses",
        label="Orders to import",
        kind=SettingKind.CHOICES,
        required=True,
        default=["approved"],
        help="An imported order becomes processed on NuORDER, whatever its status was.",
        choices=(
            Choice("approved", "Approved", "Orders the brand has accepted."),
            Choice("pending", "Pending", "Orders placed by the brand's own people, not yet accepted."),
            Choice("review", "In review", "Orders placed by buyers, not yet accepted."),
        ),
    ),
    Setting(
        key="orders_from",
        label="Orders created from",
        kind=SettingKind.DATE,
        help="Orders created on NuORDER before this day are left there.",
    ),
    Setting(
        key="stock_seasons",
        label="Stock seasons",
        kind=SettingKind.SEASONS,
        help="What is available to sell in these seasons is added up. Needed for Stock export.",
    ),
    Setting(
        key="warehouse",
        label="Warehouse",
        default="default",
        help="Name or code of the NuORDER warehouse that gets the stock. The brand sets it up there first.",
    ),
    Setting(
        key="warehouse_per_location",
        label="One warehouse for each location",
        kind=SettingKind.YES_NO,
        default=False,
        help="Each location's stock goes to the warehouse of its code, or of its name where it has no code.",
    ),
    Setting(
        key="colour_text",
        label="Colour text",
        kind=SettingKind.CHOICE,
        default="colour",
        choices=(
            Choice("colour", "Colour", "NuORDER shows the colour."),
            Choice(
                COLOUR_AND_FABRIC,
                "Colour and fabric",
                "Tells products apart that differ in fabric only, which NuORDER would take for one.",
            ),
        ),
    ),
    Setting(
        key="dialect",
        label="Signature",
        kind=SettingKind.CHOICE,
        default=Dialect.LEGACY.value,
        help="How calls are signed. Try the other one if NuORDER refuses credentials that are right.",
        choices=(
            Choice(Dialect.LEGACY.value, "NuORDER's own", "As in NuORDER's samples: hexadecimal."),
            Choice(Dialect.RFC5849.value, "Standard OAuth 1.0", "As in RFC 5849: base64."),
        ),
    ),
)
