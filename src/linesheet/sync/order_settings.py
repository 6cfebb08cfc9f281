"""The questions every connection that brings orders in must answer; platforms list them among their settings."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from linesheet.sync.platform import Choice, Setting, SettingKind

ORDER_SETTINGS = (
    Setting(
        key="import_season",
        label="Import order season",
        kind=SettingKind.SEASON,
        required=True,
        help="The season of the books that imported orders go to.",
    ),
    Setting(
        key="match_season",
        label="Match the season by name first",
        kind=SettingKind.YES_NO,
        default=False,
        about_seasons=True,
        help="An order whose season on the platform has the name of a season in the books goes to that one.",
    ),
    Setting(
        key="import_approved",
        label="Import order approved",
        kind=SettingKind.YES_NO,
        default=True,
        help="Approved orders count as sold. Without, somebody approves each imported order by hand.",
    ),
    Setting(
        key="order_owner",
        label="Order owner",
        kind=SettingKind.MEMBER,
        help="The member to whom imported orders belong.",
    ),
    Setting(
        key="unknown_customer",
        label="Order of an unknown customer",
        kind=SettingKind.CHOICE,
        default="hold",
        choices=(
            Choice("hold", "Hold it", "The order waits until the customer is in the books."),
            Choice("default", "Use the default customer", "The order goes to the default customer, with a note."),
        ),
    ),
    Setting(
        key="default_customer",
        label="Default customer",
        kind=SettingKind.CUSTOMER,
        help="Needed only where orders of unknown customers go to a default customer.",
    ),
    Setting(
        key="add_addresses",
        label="Add new addresses to the customer",
        kind=SettingKind.YES_NO,
        default=False,
        help="A delivery or accounts address of an order that its customer does not have is added to the customer.",
    ),
    Setting(
        key="unknown_lines",
        label="Order with an unknown barcode",
        kind=SettingKind.CHOICE,
        default="hold",
        choices=(
            Choice("hold", "Hold it", "The order waits until every barcode is in the books."),
            Choice(
                "short",
                "Import it short",
                "Known lines go in; the others stay on the order, marked unmatched.",
            ),
        ),
    ),
    Setting(
        key="revisions",
        label="Order changed on the platform after import",
        kind=SettingKind.CHOICE,
        default="hold",
        choices=(
            Choice("hold", "Hold the change", "The order stays as it is; the change waits to be looked at."),
            Choice("apply", "Apply the change", "Lines and dates of the order are replaced, unless it is locked."),
        ),
    ),
)

NEW_CUSTOMER_SETTINGS = (
    Setting(
        key="new_customer_price_list",
        label="Price list of new customers",
        kind=SettingKind.PRICE_LIST,
        help="What a customer whom an order brings into the books is given; the currency is the order's.",
    ),
)
"""Asked besides where orders may bring customers into the books (`sync.new_customers`)."""


def order_settings(
    *, without: Collection[str] = (), new_customers: bool = False, **defaults: Any
) -> tuple[Setting, ...]:
    """The same for a platform that answers some of them otherwise unless told, or leaves some out, by their keys."""
    return tuple(
        replace(setting, default=defaults.get(setting.key, setting.default))
        for setting in (*ORDER_SETTINGS, *(NEW_CUSTOMER_SETTINGS if new_customers else ()))
        if setting.key not in without
    )
