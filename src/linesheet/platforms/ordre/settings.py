"""What an ORDRE connection asks for (sheet ordre.md 3 and 4)."""

from dataclasses import replace

from linesheet.platforms.ordre.references import REFERENCE, refused
from linesheet.sync.order_settings import order_settings
from linesheet.sync.platform import Choice, Setting, SettingKind

CREATE_NEW = "new"
REPLACE = "replace"
REFUSE = "refuse"
BY_CODE = "code"
PICKED = "picked"

_ASKED_OTHERWISE = {
    "unknown_customer": {
        "default": "create",
        "choices": (
            Choice("create", "Add the customer", "The customer is added by name, with the order's addresses."),
            Choice("hold", "Hold it", "The order is refused and kept until the customer is in the books."),
            Choice("default", "Use the default customer", "The order goes to the default customer, with a note."),
        ),
    },
    "unknown_lines": {
        "default": "leave_out",
        "choices": (
            Choice("leave_out", "Leave the line out", "The order comes in without it; Activity shows the error."),
            Choice("hold_any", "Hold it", "The order is refused and kept until every line can come in."),
        ),
    },
    "import_approved": {"default": False},
    "order_owner": {"required": True},
    "add_addresses": {"default": True},
}

_ORDERS = tuple(
    replace(setting, **_ASKED_OTHERWISE.get(setting.key, {}))  # type: ignore[arg-type]  # by their keys
    for setting in order_settings(without=("match_season", "revisions"), new_customers=True)
)

SETTINGS = (
    *_ORDERS,
    Setting(
        key="resubmission",
        label="Order submitted again",
        kind=SettingKind.CHOICE,
        default=CREATE_NEW,
        choices=(
            Choice(CREATE_NEW, "Make a new order", "The first stays as it is; Activity and the order name both."),
            Choice(REPLACE, "Make a new order and inactivate the first", "If that is neither approved nor locked."),
            Choice(REFUSE, "Refuse it", "ORDRE is told that the order was submitted already."),
        ),
    ),
    Setting(
        key="order_reference",
        label="Order reference",
        default=REFERENCE,
        refuses=refused,
        help="Made of {order_number} and {po_number}; without a PO number it is the order number alone.",
    ),
    Setting(
        key="price_variance",
        label="Tell of price differences above (%)",
        kind=SettingKind.INTEGER,
        default=0,
        help="Per cent of the price in the books. ORDRE's price is kept in any case.",
    ),
    Setting(
        key="price_seasons",
        label="Price seasons",
        kind=SettingKind.SEASONS,
        shown="product",
        help="A product is offered with the prices of the most recent of these seasons in which it is visible. "
        "Empty: of all active seasons.",
    ),
    Setting(
        key="customers",
        label="Customers to show",
        kind=SettingKind.CHOICE,
        default="all",
        shown="customer",
        picked=PICKED,
        choices=(
            Choice("all", "All active", "Customers of the types Wholesale and Consignment."),
            Choice(PICKED, "Chosen ones", "Of these, the ones that are chosen on the page of customers."),
            Choice(BY_CODE, "Those with an account code", "Of these, the ones that have an account code."),
        ),
    ),
    Setting(
        key="images",
        label="Show pictures",
        kind=SettingKind.YES_NO,
        default=True,
        shown="product",
        help="Products are offered with the address of their main picture.",
    ),
    Setting(
        key="stock",
        label="Show stock",
        kind=SettingKind.YES_NO,
        default=False,
        help="What is available to sell in the import order season can be asked for.",
    ),
)
