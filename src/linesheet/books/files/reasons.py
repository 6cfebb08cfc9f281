"""Why a file, or a row of it, is not taken: every reason this room gives, said once."""

from linesheet.books.reasons import NOTE, WARNING, Reason

FILE_MISSING = Reason(
    code="file_missing",
    says="There is no file {file}.",
    fix="Check the name and the folder, or choose the file again.",
)
FILE_EMPTY = Reason(
    code="file_empty",
    says="{file} is empty.",
    fix="Export it again, and check that it has a header row and rows below it.",
)
FILE_NO_ROWS = Reason(
    code="file_no_rows",
    says="{file} has headers but no rows.",
    fix="Export it again with the records you want to bring in.",
)
FILE_NOT_A_SPREADSHEET = Reason(
    code="file_not_a_spreadsheet",
    says="{file} is not a spreadsheet that can be read ({detail}).",
    fix="Save it as CSV UTF-8 or as an Excel workbook (.xlsx) without a password.",
)
FILE_ENCODING = Reason(
    code="file_encoding",
    says="{file} is not text in UTF-8, UTF-16 or Windows-1252.",
    fix="Save it as CSV UTF-8 or as an Excel workbook (.xlsx).",
)
FILE_TOO_LARGE = Reason(
    code="file_too_large",
    says="{file} would unpack to {size}, which is more than a workbook of this kind can need.",
    fix="Delete empty rows and columns beyond the data, or save the sheet as CSV UTF-8.",
)
FILE_CELL_UNBOUNDED = Reason(
    code="file_cell_unbounded",
    says="{file} cannot be read beyond line {line}: {detail}.",
    fix="Look for a quotation mark that is opened near that line and never closed.",
)
SHEET_MISSING = Reason(
    code="sheet_missing",
    says="{file} has no sheet {sheet}. It has: {known}.",
    fix="Name one of those, or leave the sheet out to take the first.",
)
HEADERS_TWICE = Reason(
    code="headers_twice",
    says="{file} has the header {header} twice, in columns {first} and {second}.",
    fix="Rename or delete one of the two columns.",
)
HEADER_MISSING = Reason(
    code="header_missing",
    says="{file} has no column for {missing}. Its headers are: {found}.",
    fix="Add the column, or say which header stands for it.",
)
MAPPING_MISSING = Reason(
    code="mapping_missing",
    says="There is no saved column mapping {name} for {kind}.",
    fix="Choose one of: {known}.",
)
MAPPING_FIELD = Reason(
    code="mapping_field",
    says="The column mapping sends {header} to {field}, which is no field of {kind}.",
    fix="Use one of: {known}.",
)
MAPPING_TWICE = Reason(
    code="mapping_twice",
    says="The column mapping sends both {first} and {second} to {field}.",
    fix="Send only one header to each field.",
)
KIND_UNKNOWN = Reason(
    code="kind_unknown",
    says="{kind} is not something that can go in or out of a file.",
    fix="Use one of: {known}.",
)
OPTION_UNKNOWN = Reason(
    code="option_unknown",
    says="There is no {what} {value} in the books. There are: {known}.",
    fix="Choose one of those, or add it first.",
)
PRICES_WITHOUT_SEASON = Reason(
    code="prices_without_season",
    says="{file} has prices ({columns}) but does not say for which season.",
    fix="Add a Season column, or choose a season for the whole file.",
)
FORMAT_UNKNOWN = Reason(
    code="format_unknown",
    says="{file} ends in neither .csv nor .xlsx.",
    fix="Give it one of the two endings.",
)

FOLDER_MISSING = Reason(
    code="folder_missing",
    says="There is no folder {folder}.",
    fix="Create it, or choose another.",
)
WORKBOOK_FULL = Reason(
    code="workbook_full",
    says="{file} cannot hold {what}.",
    fix="Export to a file that ends in .csv.",
)

CELL_TOO_LONG = Reason(
    code="cell_too_long",
    says="A cell holds {length} characters; {limit} is the most a cell may hold.",
    fix="Shorten it; if it looks like many rows in one, close the quotation mark it begins with.",
)
CELL_NUL = Reason(
    code="cell_nul",
    says="{column} holds a NUL character, which no text may.",
    fix="Delete the cell and type its text again.",
)
CELL_ERROR = Reason(
    code="cell_error",
    says="{column} holds {value}, the error of a formula and no value.",
    fix="Mend the formula in the spreadsheet, or clear the cell.",
)
MORE_CELLS = Reason(
    code="more_cells",
    says="The row has {count} cells, the header only {expected}.",
    fix="Put quotation marks around the cell that contains the delimiter.",
)
QUOTE_OPEN = Reason(
    code="quote_open",
    says="The quotation mark opened on line {first} is never closed, so that all lines up to {last} read as one.",
    fix="Close the quotation mark, or delete it.",
)
MISSING = Reason(code="missing", says="{column} is empty.", fix="Fill it in.")
TOO_LONG = Reason(
    code="too_long",
    says="{column} has {length} characters; it may have at most {limit}.",
    fix="Shorten it to {limit} characters.",
)
NOT_A_FLAG = Reason(
    code="not_a_flag",
    says="{column} says {value}, which is neither yes nor no.",
    fix="Write yes or no.",
)
NOT_A_WHOLE_NUMBER = Reason(
    code="not_a_whole_number",
    says="{column} says {value}, which is not a whole number between {least} and {most}.",
    fix="Write digits only.",
)
AMOUNT_UNREADABLE = Reason(
    code="amount_unreadable",
    says="{column} says {value}, which is not an amount.",
    fix="Write digits with a point, such as 1234.50.",
)
AMOUNT_AMBIGUOUS = Reason(
    code="amount_ambiguous",
    says="{column} says {value}, which may mean thousands or decimals.",
    fix="Write it with two decimals and no thousands sign, such as 1234.00 or 1.23.",
)
AMOUNT_NEGATIVE = Reason(
    code="amount_negative",
    says="{column} says {value}; a price cannot be negative.",
    fix="Write 0 or more.",
)
AMOUNT_PRECISION = Reason(
    code="amount_precision",
    says="{column} says {value}, which has more than {limit} decimals.",
    fix="Round it to {limit} decimals or fewer.",
)
AMOUNT_TOO_LARGE = Reason(
    code="amount_too_large",
    says="{column} says {value}; the largest amount is {limit}.",
    fix="Check the decimal sign.",
)
CURRENCY_UNKNOWN = Reason(
    code="currency_unknown",
    says="{column} says {value}, which is not a currency.",
    fix="Write its three-letter ISO 4217 code, such as EUR.",
)
CURRENCY_DISAGREES = Reason(
    code="currency_disagrees",
    says="{column} says {value}, but the price is in {currency}.",
    fix="Correct the currency, or leave its sign out of the amount.",
)
CURRENCY_MISSING = Reason(
    code="currency_missing",
    says="The row does not say in which currency {column} is.",
    fix="Add a Currency column, put the currency in the header, or choose one for the whole file.",
)
PERCENT_WRONG = Reason(
    code="percent_wrong",
    says="{column} says {value}, which is not a percentage from 0 to 100 with up to 3 decimals.",
    fix="Write a number such as 12.5.",
)
DATE_UNREADABLE = Reason(
    code="date_unreadable",
    says="{column} says {value}, which is not a date.",
    fix="Write YYYY-MM-DD, such as 2026-03-31.",
)
DATE_AMBIGUOUS = Reason(
    code="date_ambiguous",
    says="{column} says {value}, where day and month can be mistaken for each other.",
    fix="Write YYYY-MM-DD, such as 2026-03-31.",
)
EMAIL_WRONG = Reason(
    code="email_wrong",
    says="{column} says {value}, which is not one e-mail address.",
    fix="Write one address per contact; put further ones on rows of their own.",
)
NOT_A_CHOICE = Reason(
    code="not_a_choice",
    says="{column} says {value}, which is none of: {known}.",
    fix="Write one of those.",
)
UNKNOWN = Reason(
    code="unknown",
    says="{column} names {value}, and there is no such {what} in the books. There are: {known}.",
    fix="Use one of those, or add {value} first.",
)
SEASON_MISSING = Reason(
    code="season_missing",
    says="The row does not say for which season it is.",
    fix="Add a Season column, or choose a season for the whole file.",
)
LOCATION_MISSING = Reason(
    code="location_missing",
    says="The row does not say at which location, and there is more than one or none: {known}.",
    fix="Add a Location column, or choose a location for the whole file.",
)
PRICE_LIST_MISSING = Reason(
    code="price_list_missing",
    says="The row does not say for which price list it is.",
    fix="Add a Price list column, or choose a price list for the whole file.",
)
QUANTITY_MISSING = Reason(
    code="quantity_missing",
    says="The row has no quantity.",
    fix="Fill in Quantity, or Opening, Adjustments or Received.",
)
COUNT_DATED = Reason(
    code="count_dated",
    says="{column} says when something was counted, but the row is of stock that comes on {value}.",
    fix="Leave {column} out of rows with a date.",
)
TIME_UNREADABLE = Reason(
    code="time_unreadable",
    says="{column} says {value}, which is not a time.",
    fix="Write YYYY-MM-DD HH:MM, such as 2026-03-31 14:30, with a zone such as +02:00 unless it is your company's.",
)
TIME_TO_COME = Reason(
    code="time_to_come",
    says="{column} says {value}, which is still to come: it is {now}.",
    fix="Correct the time or its zone, or set the clock it comes from.",
)
COUNTED_LATER = Reason(
    code="counted_later",
    says="What is there was counted at {counted_at}, after this figure of {as_of}: it stays.",
    fix="Nothing is to be done, unless the count of {counted_at} was wrong; then count once more.",
    severity=WARNING,
)
MOVED_LATER = Reason(
    code="moved_later",
    says="Units came or went at {moved_at}, after this figure of {as_of}: what is there stays.",
    fix="Give a figure of {moved_at} or later.",
    severity=WARNING,
)
COUNTED_ALREADY = Reason(
    code="counted_already",
    says="What is there was counted at {counted_at}: units that came or went at {as_of} are in it.",
    fix="Nothing is to be done.",
    severity=WARNING,
)
QUANTITY_DATED = Reason(
    code="quantity_dated",
    says="{column} is for stock that is there now, but the row is dated {value}.",
    fix="Give future stock in the Quantity column, or leave the date out.",
)

DISAGREES = Reason(
    code="disagrees",
    says="{column} says {value}, but rows of the same {what} above it, from row {first} on, say {other}.",
    fix="Write the same in all rows of one {what}.",
)
PRODUCT_UNKNOWN = Reason(
    code="product_unknown",
    says="There is no product {value} in the books.",
    fix="Import the product first, or correct its code.",
)
PRODUCT_UNNAMED = Reason(
    code="product_unnamed",
    says="The row does not say which product it is for.",
    fix="Fill in Product code, or Style and Colour.",
)
PRODUCT_AMBIGUOUS = Reason(
    code="product_ambiguous",
    says="{value} comes in several fabrics: {known}.",
    fix="Add a Fabric column, or use the product code.",
)
CODE_STAYS = Reason(
    code="code_stays",
    says="{value} already has the product code {code}, which stays as it was given.",
    fix="Write {code}, or leave the product code out.",
)
STYLE_TAKEN = Reason(
    code="style_taken",
    says="Product {code} cannot become {value}: that is product {other}.",
    fix="Correct style, fabric or colour, or the product code.",
)
SKU_UNKNOWN = Reason(
    code="sku_unknown",
    says="There is no SKU {value} in the books.",
    fix="Import its product first, or correct what names it.",
)
SKU_UNNAMED = Reason(
    code="sku_unnamed",
    says="The row does not say which SKU it is for.",
    fix="Fill in the barcode, the SKU code, or product and size.",
)
SKU_AMBIGUOUS = Reason(
    code="sku_ambiguous",
    says="SKU code {value} is on several SKUs: {known}.",
    fix="Name it by barcode, or by product code and size.",
)
SKU_CONTRADICTS = Reason(
    code="sku_contradicts",
    says="{column} {value} is {one}, but the rest of the row names {other}.",
    fix="Correct one of the two.",
)
ACCOUNT_CODE_TAKEN = Reason(
    code="account_code_taken",
    says="Account code {value} is already on {holder}.",
    fix="Use the name {holder}, or give this customer another code.",
)
TYPE_FIXED = Reason(
    code="type_fixed",
    says="{customer} has orders, so it cannot turn from {before} into {value}.",
    fix="Leave the type as it is, or add a second customer.",
)
CUSTOMER_UNKNOWN = Reason(
    code="customer_unknown",
    says="There is no customer {value} in the books.",
    fix="Import the customer first, or allow missing records to be created.",
)
CUSTOMER_CONTRADICTS = Reason(
    code="customer_contradicts",
    says="Account code {value} is {holder}, but the row names {customer}.",
    fix="Correct one of the two.",
)
ADDRESS_INCOMPLETE = Reason(
    code="address_incomplete",
    says="The address has no first line.",
    fix="Fill in Address line 1, or empty the other address columns.",
)
ORDER_ELSEWHERE = Reason(
    code="order_elsewhere",
    says="SO {number} comes from {value}, which is already SO {other}.",
    fix="Delete the row, or correct its source.",
)
IMAGE_WITHOUT_PRODUCT = Reason(
    code="image_without_product",
    says="The image belongs to {value}, of which no variant could be brought in.",
    fix="Correct the rows of {value} first.",
)
HANDLE_SCATTERED = Reason(
    code="handle_scattered",
    says="The rows of {value} do not stand together, so that this one has lost its option names.",
    fix="Sort the file by Handle, keeping the first row of each product first.",
)
NOTHING_IN_ROW = Reason(
    code="nothing_in_row",
    says="The row of {value} holds neither a variant nor an image.",
    fix="Delete the row.",
)
DATABASE_REFUSED = Reason(
    code="database_refused",
    says="The row could not be stored (code {detail}).",
    fix="Check it for values that are too long or that another record has already, then import it again. If it stays, "
    "whoever runs this installation finds the cause under that code in its log.",
)

READ_AS_1252 = Reason(
    code="read_as_1252",
    says="The file is not UTF-8 and was read as Windows-1252.",
    fix="Check names with accents; save as CSV UTF-8 if they look wrong.",
    severity=WARNING,
)
HEADER_SECOND = Reason(
    code="header_second",
    says="{header} was not read, because {taken} already stands for {field}.",
    fix="Name the one you mean in a column mapping.",
    severity=WARNING,
)
IMAGES_NOT_READ = Reason(
    code="images_not_read",
    says="{header} was not read: pictures do not come in with this file.",
    fix="Add pictures on the product page, or in bulk under Products > Images.",
    severity=WARNING,
)
MAPPED_HEADER_ABSENT = Reason(
    code="mapped_header_absent",
    says="The column mapping speaks of {header}, which the file does not have.",
    fix="Nothing, if the column is meant to be absent.",
    severity=WARNING,
)
PRICE_LIST_ABSENT = Reason(
    code="price_list_absent",
    says="{header} was not read, because the books have no price list for it.",
    fix="Add a price list of that kind, then import again.",
    severity=WARNING,
)
NO_SIZES = Reason(
    code="no_sizes",
    says="The file has no Size column, so only products were read and no SKUs.",
    fix="Add a Size column to bring in SKUs.",
    severity=WARNING,
)
BARCODE_LEFT = Reason(
    code="barcode_left",
    says="The barcode cell is empty on SKUs that have a barcode; those barcodes were left alone.",
    fix="Take a barcode off on the product page if that was meant.",
    severity=WARNING,
)
SHOPIFY_PRICES_LEFT = Reason(
    code="shopify_prices_left",
    says="{header} was not read, because no {missing} was chosen.",
    fix="Import again with a season and a currency, and a price list for them in the books.",
    severity=WARNING,
)
SHOPIFY_STOCK_LEFT = Reason(
    code="shopify_stock_left",
    says="Variant Inventory Qty was not read, because no location and season were chosen.",
    fix="Import again with both, if this file is to set the stock.",
    severity=NOTE,
)
HANDLE_SHORTENED = Reason(
    code="handle_shortened",
    says="Handles of more than {limit} characters were shortened to make style numbers.",
    fix="Nothing; the same handle is shortened the same way every time.",
    severity=NOTE,
)
LINE_UNMATCHED = Reason(
    code="line_unmatched",
    says="Order lines named no SKU in the books and were kept as described.",
    fix="Open the orders and match their lines.",
    severity=WARNING,
)
OWNER_UNKNOWN = Reason(
    code="owner_unknown",
    says="{value} is not a member, so the owner of their orders was left alone.",
    fix="Add the member, then import again.",
    severity=WARNING,
)
RECORD_CREATED = Reason(
    code="record_created",
    says="The {what} {value} was not in the books and was created.",
    fix="Complete it under its own page.",
    severity=WARNING,
)

REASONS: tuple[Reason, ...] = tuple(each for each in list(globals().values()) if isinstance(each, Reason))
