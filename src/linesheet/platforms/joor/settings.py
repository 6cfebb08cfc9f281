"""What a JOOR connection asks for: who it is on JOOR, and how its tasks shall work (sheet joor.md 1, 9.2, 9.3)."""

from linesheet.platforms.joor.auth import Scheme
from linesheet.sync.order_settings import order_settings
from linesheet.sync.platform import Choice, Setting, SettingKind

NEW = "new"
EXISTING = "existing"

_GIVEN = "JOOR's integration team gives it to the brand."

CREDENTIALS = (
    Setting(key="client_id", label="Client ID", required=True, help=_GIVEN),
    Setting(key="client_secret", label="Client secret", kind=SettingKind.SECRET, required=True, help=_GIVEN),
    Setting(key="username", label="User name", required=True, help="Of the JOOR user that Linesheet logs in as."),
    Setting(key="password", label="Password", kind=SettingKind.SECRET, required=True, help="Of that user."),
    Setting(key="account_id", label="Account ID", required=True, help="The number of the brand's account, as 222222."),
    Setting(
        key="v2_token",
        label="Token for stock, customers and orders",
        kind=SettingKind.SECRET,
        required=True,
        help="The token of JOOR's API version 2. JOOR's integration team gives it to the brand.",
    ),
    Setting(
        key="auth_url",
        label="Address of the log-in",
        kind=SettingKind.URL,
        help="Only if JOOR has named another. Empty: the one that belongs to the address of the connection.",
    ),
    Setting(
        key="v2_url",
        label="Address of API version 2",
        kind=SettingKind.URL,
        help="Only if JOOR has named another, with its /v2.",
    ),
    Setting(
        key="v4_url",
        label="Address of API version 4",
        kind=SettingKind.URL,
        help="Only if JOOR has named another, with its /v4.",
    ),
)

# What was changed on JOOR after its import is listed and never overwritten (sheet 9.8), so nobody is asked about it.
_ORDERS = order_settings(without=("revisions",), match_season=True, add_addresses=True)

SETTINGS = (
    *_ORDERS,
    Setting(
        key="orders_from",
        label="Orders created from",
        kind=SettingKind.DATE,
        help="The day of going live. Orders created on JOOR before it are left there.",
    ),
    Setting(
        key="account",
        label="Account",
        kind=SettingKind.CHOICE,
        default=NEW,
        choices=(
            Choice(NEW, "New", "Nothing was on JOOR before, so exports may begin."),
            Choice(EXISTING, "In use before", "Exports wait until Account check has compared JOOR with the books."),
        ),
    ),
    Setting(
        key="price_types",
        label="Price types",
        kind=SettingKind.PAIRS,
        each="price_list",
        offers="price_types",
        help="Which price types of JOOR each price list is sent as. They are set up on JOOR first. Needed for Data "
        "export.",
    ),
    Setting(
        key="price_seasons",
        label="Price seasons",
        kind=SettingKind.SEASONS,
        help="A product has the prices of the most recent of these seasons in which it is visible. One that is "
        "visible in none of them goes out at 0.00.",
    ),
    Setting(
        key="stock_seasons",
        label="Stock seasons",
        kind=SettingKind.SEASONS,
        help="What is available to sell in these seasons is added up. Needed for Stock export.",
    ),
    Setting(
        key="future_stock",
        label="Include future available to sell",
        kind=SettingKind.YES_NO,
        default=False,
        about_seasons=True,
        help="Also sends what is on its way, from the start date of its product line.",
    ),
    Setting(
        key="warehouses",
        label="Warehouses",
        kind=SettingKind.PAIRS,
        each="location",
        offers="warehouses",
        one=True,
        help="The JOOR warehouse that gets the stock of each location, as JOOR spells it. Empty: Default.",
    ),
    Setting(
        key="images",
        label="Send pictures",
        kind=SettingKind.YES_NO,
        default=True,
        help="Without, Images export sends nothing, and pictures are kept up on JOOR by hand.",
    ),
    Setting(
        key="v2_scheme",
        label="Word before the token",
        kind=SettingKind.CHOICE,
        default=Scheme.OAUTH2.value,
        help="Of API version 2. The other one is tried by itself when JOOR refuses the token with this.",
        choices=(
            Choice(Scheme.OAUTH2.value, "OAuth2", "As in JOOR's documentation."),
            Choice(Scheme.BEARER.value, "Bearer", "Saves a call each run where JOOR takes only this one."),
        ),
    ),
)
