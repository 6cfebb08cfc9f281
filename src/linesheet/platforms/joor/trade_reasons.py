"""Why a customer or stock cannot go to JOOR or an order come from it, or what to mind about it."""

from linesheet.books.reasons import WARNING, Reason

NO_ACCOUNT_CODE = Reason(
    code="joor_no_account_code",
    says="{record} has no account code, so it is not sent to JOOR.",
    fix="Enter an account code on the page of the customer if it is to order on JOOR, or make it inactive.",
    mended_by="customers",
)
CODE_TOO_LONG = Reason(
    code="joor_code_too_long",
    says="The account code {customer_code} of {record} has more than {most} characters, which JOOR does not take.",
    fix="Give the customer a shorter account code.",
    mended_by="customers",
)
NO_PRICE_TYPE = Reason(
    code="joor_no_price_type",
    says="{record} buys in {currency}, and no price type of JOOR is chosen for {price_list} in that currency. It would "
    "see no styles.",
    fix="Choose one under Price types in the settings of the connection, or correct the customer's currency.",
    setting="price_types",
)
CODE_CHANGED = Reason(
    code="joor_code_changed",
    says="{record} was sent to JOOR as {old} and has account code {new} now: JOOR makes a second customer of it.",
    fix="Have JOOR change the code of {old} to {new} before this is sent, or give the customer its old code again.",
    severity=WARNING,
)
CUT_SHORT = Reason(
    code="joor_customer_cut_short",
    says="{record} goes to JOOR with less than the books have, as it takes no more: {parts}.",
    fix="Shorten it on the page of the customer.",
    severity=WARNING,
    mended_by="customers",
)
CUSTOMER_LACKS = Reason(
    code="joor_customer_lacks",
    says="{record} goes to JOOR without {parts}. JOOR asks for it of new customers, and matching may take longer.",
    fix="Complete it on the page of the customer.",
    severity=WARNING,
    mended_by="customers",
)
WAITS_FOR_MATCHING = Reason(
    code="joor_waits_for_matching",
    says="{record} was sent to JOOR as {customer_code} on {day}, and waits there: people match new customers by hand.",
    fix="Wait a few days; JOOR's integration team can say more. It cannot order until then.",
)

CUSTOMERS = (
    NO_ACCOUNT_CODE,
    CODE_TOO_LONG,
    NO_PRICE_TYPE,
    CODE_CHANGED,
    CUT_SHORT,
    CUSTOMER_LACKS,
    WAITS_FOR_MATCHING,
)

NO_STOCK_SEASONS = Reason(
    code="joor_no_stock_seasons",
    says="No stock seasons are chosen, so there is no stock to export.",
    fix="Choose the stock seasons in the settings of the connection.",
    setting="stock_seasons",
)
NO_SELLING_LOCATION = Reason(
    code="joor_no_selling_location",
    says="No active location sells, so there is no stock to export.",
    fix="Let a location sell under Stock > Locations.",
)
STOCK_NO_BARCODE = Reason(
    code="joor_stock_no_barcode",
    says="{record} has no size with a barcode that JOOR has, and stock is told by barcode.",
    fix="Give it barcodes on its product page, run Data export, then this task again.",
    mended_by="barcodes",
)
SIZES_WITHOUT_STOCK = Reason(
    code="joor_sizes_without_stock",
    says="The stock of {record} goes out without {sizes}: JOOR does not have their barcodes.",
    fix="Give these sizes barcodes, run Data export, then this task again.",
    severity=WARNING,
    mended_by="barcodes",
)
SOLD_MORE = Reason(
    code="joor_sold_more",
    says="More of {record} is sold than there is, so 0 goes out for {sizes}.",
    fix="Correct the stock, or look at the orders of these sizes.",
    severity=WARNING,
)
NOT_TAKEN_BACK = Reason(
    code="joor_not_taken_back",
    says="{record} has stock on JOOR that the books no longer have, and JOOR did not take 0 for it: {rows}.",
    fix="Look on JOOR whether it still has that size, warehouse or date, and set its stock to 0 there if it does.",
    severity=WARNING,
)

STOCK = (
    NO_STOCK_SEASONS,
    NO_SELLING_LOCATION,
    STOCK_NO_BARCODE,
    SIZES_WITHOUT_STOCK,
    SOLD_MORE,
    NOT_TAKEN_BACK,
)

ORDER_NOT_READABLE = Reason(
    code="joor_order_not_readable",
    says="JOOR order {order} makes no sense: {problem}.",
    fix="Look at the order on JOOR and correct it there; the next run reads it again.",
)
ORDER_EMPTY = Reason(
    code="joor_order_empty",
    says="JOOR order {order} has no line with a quantity above 0.",
    fix="Look at the order on JOOR, and cancel it there if it is empty.",
)
ORDER_NEGATIVE = Reason(
    code="joor_order_negative",
    says="JOOR order {order} looks like a credit: {problem} is below 0.",
    fix="Enter the credit in the books by hand.",
)
ORDER_NOT_APPROVED = Reason(
    code="joor_order_not_approved",
    says="JOOR order {order} was approved and is {status} again.",
    fix="Wait until it is approved on JOOR once more, or cancel it there.",
)
ORDER_PRICED_OTHERWISE = Reason(
    code="joor_order_priced_otherwise",
    says="JOOR order {order} is priced by {there}, and {customer} buys by {here}.",
    fix="Compare the prices of the order, and bring the customer and its price type on JOOR in line.",
    severity=WARNING,
)

ORDERS = (ORDER_NOT_READABLE, ORDER_EMPTY, ORDER_NEGATIVE, ORDER_NOT_APPROVED, ORDER_PRICED_OTHERWISE)
