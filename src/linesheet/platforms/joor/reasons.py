"""Why a record cannot go to JOOR or come from it, or what to mind about it: a block for each task, in their order."""

from linesheet.books.reasons import NOTE, WARNING, Reason

# What all tasks may meet.
ACCOUNT_NOT_CHECKED = Reason(
    code="account_not_checked",
    says="The JOOR account was in use before, and nobody has compared it with the books yet.",
    fix="Run Account check and bring in line what it lists, or set Account to New if nothing is on JOOR yet.",
    setting="account",
)
NO_PUBLIC_ADDRESS = Reason(
    code="joor_no_public_address",
    says="JOOR fetches pictures from Linesheet, and Linesheet has no public address it could use.",
    fix="Set LINESHEET_PUBLIC_URL to the address at which this installation is reached from outside.",
)

COMMON = (ACCOUNT_NOT_CHECKED, NO_PUBLIC_ADDRESS)

# Account check.
BARCODE_NOT_IN_BOOKS = Reason(
    code="joor_barcode_not_in_books",
    says="JOOR has barcode {barcode} on {style}, and no size of the books has it.",
    fix="Give that barcode to its size in the books, or correct it on JOOR; orders for it could not be matched.",
    mended_by="barcodes",
)
BARCODE_ON_ANOTHER = Reason(
    code="joor_barcode_on_another",
    says="{record} has barcode {barcode}, which JOOR has on {there}.",
    fix="Correct whichever is wrong, so that orders for one are not taken for orders of the other.",
    mended_by="barcodes",
)
BARCODE_TWICE = Reason(
    code="joor_barcode_twice",
    says="JOOR has barcode {barcode} more than once: on {styles}.",
    fix="Leave it on one of them on JOOR; the stock of the others cannot be told apart.",
)
STYLE_IN_PARTS = Reason(
    code="joor_style_in_parts",
    says="{record} has barcode {barcode}, which JOOR has on {there}, and others of its style on {home}. Data export "
    "would make it a second time, on {home}.",
    fix="Remove its barcode on JOOR, or give its product a style or a fabric of its own in the books.",
    mended_by="products",
)
CUSTOMER_NOT_IN_BOOKS = Reason(
    code="joor_customer_not_in_books",
    says="JOOR has the customer {customer} with code {customer_code}, and the books do not have that account code.",
    fix="Give the customer that account code in the books, or correct the code on JOOR; its orders would be held.",
    mended_by="customers",
)
CUSTOMER_CODELESS = Reason(
    code="joor_customer_codeless",
    says="JOOR has the customer {customer} without a code, so its orders cannot be matched.",
    fix="Enter the account code of the books as its code on JOOR.",
)
CUSTOMER_NAMED_OTHERWISE = Reason(
    code="joor_customer_named_otherwise",
    says="{record} has account code {customer_code}, which is {customer} on JOOR.",
    fix="Make sure that they are the same retailer, as an export would overwrite what JOOR has.",
    mended_by="customers",
)
PRICE_LIST_UNPAIRED = Reason(
    code="joor_price_list_unpaired",
    says="{record} is sent as no price type, so its prices do not go to JOOR.",
    fix="Choose its price types in the settings of the connection, if JOOR is to have these prices.",
    setting="price_types",
)
PRICE_TYPE_UNUSED = Reason(
    code="joor_price_type_unused",
    says="JOOR has price type {price_type}, and no price list is sent as it.",
    fix="Choose it for a price list in the settings of the connection, if its customers buy through Linesheet.",
    setting="price_types",
)
SEASON_NOT_THERE = Reason(
    code="joor_season_not_there",
    says="{record} is a season of the books that JOOR does not have by that name.",
    fix="If JOOR has it by another name, bring the names in line; else Data export adds it.",
)
SEASON_NOT_IN_BOOKS = Reason(
    code="joor_season_not_in_books",
    says="JOOR has the season {season}, and the books have none of that name: orders go to the import order season.",
    fix="Bring the names in line, or leave it if no more orders are to come for it.",
)
WAREHOUSE_NOT_SEEN = Reason(
    code="joor_warehouse_not_seen",
    says="{record} is sent to the warehouse {warehouse}, which no customer or order on JOOR names.",
    fix="Make sure that JOOR has a warehouse of exactly that name; JOOR does not list them.",
    setting="warehouses",
)
WAREHOUSE_UNKNOWN = Reason(
    code="joor_warehouse_unknown",
    says="JOOR has the warehouse {warehouse}, to which the stock of no location is sent.",
    fix="Choose it for a location in the settings of the connection, if its stock is to be right on JOOR.",
    setting="warehouses",
)

ACCOUNT_CHECK = (
    BARCODE_NOT_IN_BOOKS,
    BARCODE_ON_ANOTHER,
    BARCODE_TWICE,
    STYLE_IN_PARTS,
    CUSTOMER_NOT_IN_BOOKS,
    CUSTOMER_CODELESS,
    CUSTOMER_NAMED_OTHERWISE,
    PRICE_LIST_UNPAIRED,
    PRICE_TYPE_UNUSED,
    SEASON_NOT_THERE,
    SEASON_NOT_IN_BOOKS,
    WAREHOUSE_NOT_SEEN,
    WAREHOUSE_UNKNOWN,
)

# Data export.
NOT_ON_OFFER = Reason(
    code="joor_not_on_offer",
    says="{record} is inactive or withdrawn, and was never on JOOR.",
    fix="Make it active again on its product page, or take it out of the catalogue.",
    mended_by="products",
)
OFF_LINESHEETS = Reason(
    code="off_linesheets",
    says="{record} is inactive or withdrawn. Its style stays on JOOR, and it is on none of the linesheets.",
    fix="Make it active again on its product page if it is to be on offer.",
    severity=WARNING,
    mended_by="products",
)
PLACED_TOO_HIGH = Reason(
    code="joor_section_too_high",
    says="{record} is placed in {place}, which is no season of a linesheet.",
    fix="Move it to a season of the linesheet in the catalogue of the connection, or below one.",
)
NO_BARCODE = Reason(
    code="joor_no_barcode",
    says="{record} has no barcode on any size, so neither its stock nor orders for it could be told on JOOR.",
    fix="Give it barcodes on its product page, or in bulk under Products > Barcodes.",
    mended_by="barcodes",
)
SAME_ON_JOOR = Reason(
    code="same_on_joor",
    says="{record} would be a colour of the same style on JOOR as {other}: both go there as {style}.",
    fix="Change the style or the fabric of one of them, or place only one of them.",
)
ZERO_NOT_VISIBLE = Reason(
    code="zero_not_visible",
    says="{record} goes out at 0.00: it is visible in none of the price seasons.",
    fix="Tick its season under Price seasons in the settings of the connection, or make it visible in one of those.",
    severity=WARNING,
    setting="price_seasons",
)
ZERO_NO_PRICE = Reason(
    code="zero_no_price",
    says="{record} goes out at 0.00: it has no wholesale price in {season} on a list and in a currency that goes to "
    "JOOR.",
    fix="Set its prices in {season}, or set the previous season of {season} and make it visible there again.",
    severity=WARNING,
    mended_by="prices",
)
ZERO_PRICE = Reason(
    code="zero_price",
    says="{record} goes out at 0.00 as {price_types}: that is its wholesale price in {season}.",
    fix="Set its wholesale prices in {season}.",
    severity=WARNING,
    mended_by="prices",
)
PRICE_TYPES_LEFT_OUT = Reason(
    code="price_types_left_out",
    says="{record} has no wholesale price for {price_types} in {season}. Retailers of these do not see it, or see the "
    "price that JOOR has.",
    fix="Set a wholesale price in the currency of each.",
    severity=WARNING,
    mended_by="prices",
)
PRICE_ROUNDED = Reason(
    code="price_rounded",
    says="{record} has prices of more than two decimals, which JOOR does not take. They go out rounded: {price_types}.",
    fix="Set its prices in whole cents.",
    severity=NOTE,
    mended_by="prices",
)
SIZES_WITHOUT_BARCODE = Reason(
    code="joor_sizes_without_barcode",
    says="{record} is on the linesheets without {sizes}: no barcode.",
    fix="Give these sizes barcodes on its product page, or in bulk under Products > Barcodes.",
    severity=WARNING,
    mended_by="barcodes",
)
SIZES_FILLED = Reason(
    code="sizes_filled",
    says="{record} does not come in {sizes}, as other colours of {style} do. JOOR wants every colour in every size, so "
    "it gets them too, without barcode and on no linesheet.",
    fix="Nothing has to be done.",
    severity=NOTE,
)
SIZES_ALIKE = Reason(
    code="sizes_alike",
    says="JOOR takes {sizes} for different sizes of {style}, of which {record} is a colour.",
    fix="Spell sizes alike in all colours of a style.",
    severity=WARNING,
    mended_by="products",
)
NAME_CUT = Reason(
    code="name_cut",
    says="JOOR takes {most} characters of a name, and that of {record} has {length}. It goes out as {name}.",
    fix="Give it a shorter name on its product page, or one for JOOR in a field of its own called Joor Style Name.",
    severity=WARNING,
    mended_by="products",
)
CATEGORY_UNKNOWN = Reason(
    code="category_unknown",
    says="{record} goes out without the category {category}, which JOOR does not have.",
    fix="Name the sections below the season as JOOR names its genders, categories and subcategories.",
    severity=WARNING,
)
STYLE_SPOKEN_FOR = Reason(
    code="style_spoken_for",
    says="All colours of {style} share one {fields} on JOOR, that of the oldest colour that has any. "
    "{record} has another, which does not go out.",
    fix="Nothing has to be done, unless the colours are meant to be different styles.",
    severity=NOTE,
)
COLOUR_CODE_TWICE = Reason(
    code="colour_code_twice",
    says="{record} goes out without its colour code {code}, which another colour of {style} has as well.",
    fix="Give each colour of the style a code of its own.",
    severity=WARNING,
    mended_by="products",
)
NO_OFFERS = Reason(
    code="account_not_asked",
    says="JOOR was not asked yet which price types and categories the account has.",
    fix="Test the connection in its settings.",
)
NO_PRICE_TYPES = Reason(
    code="no_price_types",
    says="No price list is sent as a price type of JOOR, so no retailer would see anything.",
    fix="Choose under Price types in the settings of the connection which price lists go as which.",
    setting="price_types",
)
PRICE_TYPE_GONE = Reason(
    code="price_type_gone",
    says="{price_list} is to go as price type {price_type}, which the account does not have.",
    fix="Choose again under Price types in the settings of the connection, or have it set up on JOOR.",
    setting="price_types",
)
COSTS_PAIRED = Reason(
    code="costs_paired",
    says="{price_list} holds what products cost the brand, which must not go to JOOR.",
    fix="Take it out of Price types in the settings of the connection.",
    setting="price_types",
)
RETAIL_ALONE = Reason(
    code="retail_alone",
    says="Only retail prices are to go as price type {price_type}, and JOOR takes none without wholesale prices.",
    fix="Choose a wholesale price list for it too under Price types in the settings of the connection.",
    setting="price_types",
)
FIELD_LACKING = Reason(
    code="field_lacking",
    says="{record} went out without {fields}, for which the account has no field.",
    fix="Ask JOOR to switch the fields on if retailers are to see them.",
    severity=NOTE,
)
LINESHEET_EMPTY = Reason(
    code="linesheet_empty",
    says="{record} has no product that can be on it, so it is empty on JOOR.",
    fix="Place products in it, or archive it on JOOR.",
    severity=NOTE,
)
LINESHEET_GONE = Reason(
    code="linesheet_gone",
    says="{record} is no linesheet of the catalogue any more, so it is empty on JOOR.",
    fix="Archive it on JOOR.",
    severity=NOTE,
)
LINESHEET_TAKEN_OVER = Reason(
    code="linesheet_taken_over",
    says="JOOR had a linesheet {record} already, which now shows what the catalogue has.",
    fix="Nothing has to be done.",
    severity=NOTE,
)

DATA = (
    NOT_ON_OFFER,
    OFF_LINESHEETS,
    PLACED_TOO_HIGH,
    NO_BARCODE,
    SAME_ON_JOOR,
    ZERO_NOT_VISIBLE,
    ZERO_NO_PRICE,
    ZERO_PRICE,
    PRICE_TYPES_LEFT_OUT,
    PRICE_ROUNDED,
    SIZES_WITHOUT_BARCODE,
    SIZES_FILLED,
    SIZES_ALIKE,
    NAME_CUT,
    CATEGORY_UNKNOWN,
    STYLE_SPOKEN_FOR,
    COLOUR_CODE_TWICE,
    NO_OFFERS,
    NO_PRICE_TYPES,
    PRICE_TYPE_GONE,
    COSTS_PAIRED,
    RETAIL_ALONE,
    FIELD_LACKING,
    LINESHEET_EMPTY,
    LINESHEET_GONE,
    LINESHEET_TAKEN_OVER,
)

# Images export.
IMAGES_OFF = Reason(
    code="images_off",
    says="Pictures are kept up on JOOR by hand: Send pictures is switched off.",
    fix="Switch on Send pictures in the settings of the connection.",
    setting="images",
)
NOT_PUBLISHED = Reason(
    code="joor_not_published",
    says="{record} is not on JOOR yet.",
    fix="Run Data export first; if it is blocked there, its reason tells why.",
)
NO_IMAGE = Reason(
    code="joor_no_image",
    says="{record} has no picture.",
    fix="Add one on its product page.",
)
IMAGE_RATIO = Reason(
    code="image_ratio",
    says="The main picture of {record} has {width} x {height} pixels, not JOOR's 660 x 900 or a multiple. It goes out "
    "whole, with white beside it.",
    fix="Replace it by one of 660 x 900, 990 x 1350 or 1320 x 1800 pixels on its product page.",
    severity=WARNING,
)
IMAGE_SMALL = Reason(
    code="joor_image_small",
    says="The main picture of {record} has {width} x {height} pixels; JOOR asks for 660 x 900. It goes out as it is, "
    "with white around it.",
    fix="Replace it by a larger one on its product page.",
    severity=WARNING,
)

IMAGES = (IMAGES_OFF, NOT_PUBLISHED, NO_IMAGE, IMAGE_RATIO, IMAGE_SMALL)

# Customers export.
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

# Stock export.
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

# Orders import.
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

REASONS: tuple[Reason, ...] = (*COMMON, *ACCOUNT_CHECK, *DATA, *IMAGES, *CUSTOMERS, *STOCK, *ORDERS)
