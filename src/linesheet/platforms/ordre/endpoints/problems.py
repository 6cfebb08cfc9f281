"""Why orders are refused (sheet ordre.md 6.6), by the reasons for which the hub holds them."""

from collections.abc import Mapping

from linesheet.sync.serving.problems import REFUSED, Code

NOT_CONFIGURED = Code("not_configured", 503, "Orders cannot be taken in yet")
ALREADY_SUBMITTED = Code("already_submitted", 409, "The order was submitted before")
NO_VALID_LINES = Code("no_valid_lines", 422, "No line can be taken in")
CUSTOMER_MISSING = Code("customer_missing", 422, "The customer is not in the books")
CUSTOMER_AMBIGUOUS = Code("customer_ambiguous", 422, "Several customers have that name")
CUSTOMER_ON_HOLD = Code("customer_on_hold", 422, "The customer is on hold")
CURRENCY_NOT_ENABLED = Code("currency_not_enabled", 422, "The currency is not used")
INVALID_DATES = Code("invalid_dates", 422, "The delivery dates make no sense")

OF_ORDERS = (
    NO_VALID_LINES,
    CUSTOMER_MISSING,
    CUSTOMER_AMBIGUOUS,
    CUSTOMER_ON_HOLD,
    CURRENCY_NOT_ENABLED,
    INVALID_DATES,
)
_BY_REASON: Mapping[str, Code] = {
    **{code.code: code for code in OF_ORDERS},
    "no_known_line": NO_VALID_LINES,
    "unknown_barcodes": NO_VALID_LINES,
    "order_without_lines": NO_VALID_LINES,
    "unknown_customer": CUSTOMER_MISSING,
    "customer_nameless": CUSTOMER_MISSING,
    "ambiguous_customer": CUSTOMER_AMBIGUOUS,
    "customer_may_not_order": CUSTOMER_ON_HOLD,
}
_POINTERS: Mapping[Code, str] = {
    NO_VALID_LINES: "/lines",
    CUSTOMER_MISSING: "/customer",
    CUSTOMER_AMBIGUOUS: "/customer",
    CUSTOMER_ON_HOLD: "/customer",
    CURRENCY_NOT_ENABLED: "/currency",
    INVALID_DATES: "/delivery",
}


def pointer_of(code: Code) -> str:
    """The part of an order that such a problem is of; "" where it is the whole."""
    return _POINTERS.get(code, "")


def code_of(reason_code: str) -> Code:
    """The problem of an order that is held for this reason."""
    return _BY_REASON.get(reason_code, REFUSED)
