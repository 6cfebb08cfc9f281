"""What Account check tells of JOOR and the books."""

from linesheet.books.reasons import Reason

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
