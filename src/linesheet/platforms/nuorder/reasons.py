"""Why a record cannot go to NuORDER or come from it, or what to mind about it."""

from linesheet.books.reasons import NOTE, WARNING, Reason

NOT_ON_OFFER = Reason(
    code="not_on_offer",
    says="{record} is inactive or withdrawn, and was never on NuORDER.",
    fix="Make it active again on its product page, or take it out of the catalogue.",
    mended_by="products",
)
TAKEN_OUT_OF_CATALOGUE = Reason(
    code="taken_out_of_catalogue",
    says="{record} was taken out of the catalogue after it was published, so it is inactive on NuORDER.",
    fix="Place it in the catalogue again if it is to be on offer.",
    severity=NOTE,
)
PLACED_TOO_HIGH = Reason(
    code="section_too_high",
    says="{record} is placed in {place}, which lacks the levels season, department and category.",
    fix="Move it to a category in the catalogue of the connection.",
)
NOT_VISIBLE = Reason(
    code="not_visible",
    says="{record} is not visible in any active season, so it has no prices that hold.",
    fix="Make it visible in a season on its product page, or in bulk under Products > Visibility.",
    mended_by="products",
)
NO_PRICE = Reason(
    code="no_price",
    says="{record} has no wholesale price above 0 in {season}, the latest season in which it is visible.",
    fix="Set its prices in {season}, or set the previous season of {season} and make it visible there again.",
    mended_by="prices",
)
NO_BARCODE = Reason(
    code="no_barcode",
    says="{record} has no barcode on any size, so orders for it could not come back.",
    fix="Give it barcodes on its product page, or in bulk under Products > Barcodes.",
    mended_by="barcodes",
)
SAME_ON_NUORDER = Reason(
    code="same_on_nuorder",
    says="{record} would be the same product on NuORDER as {other}: style {style} in {colour}, season {season}.",
    fix="Set Colour text to Colour and fabric in the settings of the connection, or place only one of them.",
)
SIZES_WITHOUT_BARCODE = Reason(
    code="sizes_without_barcode",
    says="{record} goes out without {sizes}: no barcode.",
    fix="Give these sizes barcodes on its product page, or in bulk under Products > Barcodes.",
    severity=WARNING,
    mended_by="barcodes",
)
CURRENCIES_WITHOUT_WHOLESALE = Reason(
    code="currencies_without_wholesale",
    says="{record} is not for sale in {currencies}: no wholesale price above 0 in {season}.",
    fix="Set a wholesale price in these currencies.",
    severity=WARNING,
    mended_by="prices",
)
NO_CURRENCY = Reason(
    code="customer_without_currency",
    says="{record} has no currency, which NuORDER needs to show prices.",
    fix="Choose a currency on the page of the customer.",
    mended_by="customers",
)
ADDRESS_LEFT_OUT = Reason(
    code="address_left_out",
    says="{record} goes out without its {kind} address {address}: it has no {lacks}.",
    fix="Complete the address on the page of the customer.",
    severity=WARNING,
    mended_by="customers",
)
NOT_PUBLISHED = Reason(
    code="not_published",
    says="{record} is not on NuORDER yet.",
    fix="Run Data export first; if it is blocked there, its reason tells why.",
)
NO_IMAGE = Reason(
    code="no_image",
    says="{record} has no picture.",
    fix="Add one on its product page.",
)
IMAGE_HEAVY = Reason(
    code="image_heavy",
    says="The main picture of {record} has {megabytes:.1f} MB; NuORDER takes at most 5 MB.",
    fix="Replace it by a smaller one on its product page.",
)
IMAGE_SMALL = Reason(
    code="image_small",
    says="The main picture of {record} has {width} x {height} pixels; NuORDER asks for 500 x 500.",
    fix="Replace it by a larger one on its product page.",
    severity=WARNING,
)
NO_PUBLIC_ADDRESS = Reason(
    code="no_public_address",
    says="NuORDER fetches pictures from Linesheet, and Linesheet has no public address it could use.",
    fix="Set LINESHEET_PUBLIC_URL to the address at which this installation is reached from outside.",
)
NO_STOCK_SEASONS = Reason(
    code="no_stock_seasons",
    says="No stock seasons are chosen, so there is no stock to export.",
    fix="Choose the stock seasons in the settings of the connection.",
    setting="stock_seasons",
)
NO_SELLING_LOCATION = Reason(
    code="no_selling_location",
    says="No active location sells, so there is no stock to export.",
    fix="Let a location sell under Stock > Locations.",
)
NO_SIZE_PUBLISHED = Reason(
    code="no_size_published",
    says="NuORDER knows none of the sizes of {record}, so its stock would count for nothing.",
    fix="Run Data export, then this task again.",
)
SIZES_NOT_PUBLISHED = Reason(
    code="sizes_not_published",
    says="The stock of {record} goes out without {sizes}, which NuORDER does not know.",
    fix="Run Data export, then this task again; sizes without a barcode need one first.",
    severity=WARNING,
)
SOLD_MORE = Reason(
    code="sold_more",
    says="More of {record} is sold than there is, so 0 goes out for {sizes}.",
    fix="Correct the stock, or look at the orders of these sizes.",
    severity=WARNING,
)
ORDER_NOT_READABLE = Reason(
    code="order_not_readable",
    says="NuORDER order {order} makes no sense: {problem}.",
    fix="Look at the order on NuORDER and correct it there; the next run reads it again.",
)
ORDER_EMPTY = Reason(
    code="order_empty",
    says="NuORDER order {order} has no line with a quantity above 0.",
    fix="Look at the order on NuORDER, and cancel it there if it is empty.",
)
ORDER_NEGATIVE = Reason(
    code="order_negative",
    says="NuORDER order {order} looks like a credit: {problem} is below 0.",
    fix="Enter the credit in the books by hand.",
)

REASONS: tuple[Reason, ...] = (
    NOT_ON_OFFER,
    TAKEN_OUT_OF_CATALOGUE,
    PLACED_TOO_HIGH,
    NOT_VISIBLE,
    NO_PRICE,
    NO_BARCODE,
    SAME_ON_NUORDER,
    SIZES_WITHOUT_BARCODE,
    CURRENCIES_WITHOUT_WHOLESALE,
    NO_CURRENCY,
    ADDRESS_LEFT_OUT,
    NOT_PUBLISHED,
    NO_IMAGE,
    IMAGE_HEAVY,
    IMAGE_SMALL,
    NO_PUBLIC_ADDRESS,
    NO_STOCK_SEASONS,
    NO_SELLING_LOCATION,
    NO_SIZE_PUBLISHED,
    SIZES_NOT_PUBLISHED,
    SOLD_MORE,
    ORDER_NOT_READABLE,
    ORDER_EMPTY,
    ORDER_NEGATIVE,
)
