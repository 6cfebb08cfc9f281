"""What is to be said of orders that ORDRE hands to us; codes are those of sheet ordre.md 6.6."""

from linesheet.books.reasons import WARNING, Reason

_AGAIN = "have the order submitted again and inactivate this one"
_OR_BY_FILE = f"{_AGAIN}, or bring the line in by an order file."
_BARCODE_FIX = f"Give the barcode to its size. Then {_OR_BY_FILE}"

BARCODE_MISSING = Reason("barcode_missing", "{line} has no barcode and was left out.", _BARCODE_FIX)
BARCODE_UNKNOWN = Reason(
    "barcode_unknown",
    "{line} has the barcode {barcode}, which is not in the books, and was left out.",
    _BARCODE_FIX,
)
BARCODE_INVALID = Reason(
    "barcode_invalid",
    "{line} has {barcode} for a barcode, which cannot be one, and was left out.",
    f"Have the barcode corrected on ORDRE. Then {_AGAIN}.",
)
PRODUCT_INACTIVE = Reason(
    "product_inactive",
    "{line} is for {product}, which is inactive, and was left out.",
    f"Make {{product}} active. Then {_OR_BY_FILE}",
)
QUANTITY_INVALID = Reason(
    "quantity_invalid",
    "{line} is for {quantity} units and was left out.",
    f"Have the quantity corrected on ORDRE. Then {_AGAIN}.",
)

NOT_IN_CATALOGUE = Reason(
    "product_not_in_catalogue",
    "Line {line}: {product} is not in the catalogue of the connection.",
    "Nothing is to be done, if the order is right.",
    WARNING,
)
WITHDRAWN = Reason(
    "product_withdrawn",
    "Line {line}: {product} is withdrawn.",
    f"If it is not made any more, {_AGAIN}.",
    WARNING,
)
NOT_VISIBLE = Reason(
    "product_not_visible_in_season",
    "Line {line}: {product} is not visible in {season}.",
    "Make it visible there, if the order is right.",
    WARNING,
)
PRICE_ZERO = Reason(
    "price_zero", "Line {line}: {product} costs nothing on the order.", "Ask ORDRE if that is meant.", WARNING
)
PRICE_DIFFERS = Reason(
    "price_differs",
    "Line {line}: {product} costs {ordered} {currency} on the order and {price} {currency} in the books.",
    f"ORDRE's price was kept. If it is wrong, have it corrected there, {_AGAIN}.",
    WARNING,
)
MERGED = Reason(
    "duplicate_barcode_merged",
    "Line {line} has the barcode and price of line {first}; their units were added up.",
    "Nothing is to be done.",
    WARNING,
)
UNITS_DIFFER = Reason(
    "units_mismatch",
    "{order} says it has {stated} units, its lines have {computed}.",
    "Compare the order with ORDRE's.",
    WARNING,
)
DELIVERY_DEFAULTED = Reason(
    "delivery_defaulted",
    "{order} came without {lacking} of delivery; it is to be delivered from {start} until {end}.",
    f"If other days are meant, {_AGAIN}, or set the days by an order file.",
    WARNING,
)
APPROVAL_BARRED = Reason(
    "approval_barred",
    "{order} stays unapproved, because {customer} is on hold ({status}).",
    "Change the hold status of {customer}, then approve the order.",
    WARNING,
)
RESUBMISSION = Reason(
    "resubmission",
    "{order} was submitted before, and is {earlier} in the books.",
    "Each order counts until it is inactivated on its page.",
    WARNING,
)
UNKNOWN_FIELD = Reason(
    "unknown_field",
    "{order} came with fields that mean nothing here: {fields}.",
    "Nothing is to be done; the whole of it is kept.",
    WARNING,
)

NO_VALID_LINES = Reason(
    "no_valid_lines",
    "{order} has no line that can be taken in.",
    "Give the barcodes to their sizes, then take the order in again from Orders > Held.",
)
CURRENCY_NOT_ENABLED = Reason(
    "currency_not_enabled",
    "{order} is in {currency}, in which the books have no prices.",
    "Add prices in {currency}, or have the order corrected on ORDRE.",
    mended_by="prices",
)
INVALID_DATES = Reason(
    "invalid_dates",
    "{order} is to be delivered from {start} until {end}, which ends before it begins.",
    "Have the dates corrected on ORDRE.",
)

REASONS = tuple(value for value in globals().values() if isinstance(value, Reason))
