"""Why a record cannot go to JOOR or come from it, or what to mind about it: a block for each task, in their order."""

from linesheet.books.reasons import Reason

# What all tasks may meet.
ACCOUNT_NOT_CHECKED = Reason(
    code="account_not_checked",
    says="The JOOR account was in use before, and nobody has compared it with the books yet.",
    fix="Run Account check and bring in line what it lists, or set Account to New if nothing is on JOOR yet.",
    setting="account",
)
NO_PUBLIC_ADDRESS = Reason(
    code="no_public_address",
    says="JOOR fetches pictures from Linesheet, and Linesheet has no public address it could use.",
    fix="Set LINESHEET_PUBLIC_URL to the address at which this installation is reached from outside.",
)

COMMON = (ACCOUNT_NOT_CHECKED, NO_PUBLIC_ADDRESS)

# Account check.
ACCOUNT_CHECK: tuple[Reason, ...] = ()

# Data export.
DATA: tuple[Reason, ...] = ()

# Images export.
IMAGES: tuple[Reason, ...] = ()

# Customers export.
CUSTOMERS: tuple[Reason, ...] = ()

# Stock export.
STOCK: tuple[Reason, ...] = ()

# Orders import.
ORDERS: tuple[Reason, ...] = ()

REASONS: tuple[Reason, ...] = (*COMMON, *ACCOUNT_CHECK, *DATA, *IMAGES, *CUSTOMERS, *STOCK, *ORDERS)
