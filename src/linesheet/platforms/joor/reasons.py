"""Every reason that JOOR declares, and those that all its tasks may meet."""

from linesheet.books.reasons import Reason
from linesheet.platforms.joor import account_reasons, catalogue_reasons, trade_reasons

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

REASONS: tuple[Reason, ...] = (
    *COMMON,
    *account_reasons.ACCOUNT_CHECK,
    *catalogue_reasons.DATA,
    *catalogue_reasons.IMAGES,
    *trade_reasons.CUSTOMERS,
    *trade_reasons.STOCK,
    *trade_reasons.ORDERS,
)
