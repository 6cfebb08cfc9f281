"""Why a product, a linesheet or a picture cannot go to JOOR, or what to mind about it."""

from linesheet.books.reasons import NOTE, WARNING, Reason

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
