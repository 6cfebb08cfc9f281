"""Why a run or a record is in its state, where the platform makes no difference."""

from linesheet.books.reasons import NOTE, WARNING, Reason, Said
from linesheet.sync.errors import one_line

NOT_ADDING_UP = Reason(
    "not_adding_up",
    "The run selected {selected} records but accounts for {accounted}.",
    "Look at its items, and report this as a defect of Linesheet: a run must account for every record.",
)
UNAUTHORISED = Reason(
    "unauthorised",
    "{platform} refused the connection: {said}",
    "Check the credentials of {connection}, and what they may do, then run the task again.",
)
MISDIRECTED = Reason(
    "misdirected",
    "The address of {connection} leads elsewhere: {said}",
    "Correct the base URL of {connection}, then run the task again.",
)
UNAVAILABLE = Reason(
    "unavailable",
    "{platform} could not be reached, or kept failing: {said}",
    "Run the task again when {platform} answers; what was sent is remembered.",
)
NONSENSE = Reason(
    "nonsense",
    "{platform} answered something that cannot be read: {said}",
    "Run the task again. If it stays, the exchange shows the answer; the platform may have changed.",
)
LISTING_SHORT = Reason(
    "listing_short",
    "{platform} lists {listed} {kind} records where {linked} were known.",
    "Check that the connection leads to the right account. If records were really removed there, forget what is "
    "known of them with `linesheet connection forget-links`, and run the task again.",
)
NOT_READY = Reason("not_ready", "{said}", "{fix}")
INTERNAL = Reason(
    "internal_error",
    "The run stopped on an error of Linesheet itself: {said}",
    "The log of the worker has the details under this run's number. Run the task again after an update.",
)
KEEPS_DYING = Reason(
    "keeps_dying",
    "{times} workers died or lost the database while they worked on this run.",
    "Look at the workers' logs and memory, then run the task again.",
)
CANCELLED = Reason(
    "cancelled",
    "Not attempted, because the run was cancelled.",
    "Run the task again to send it.",
    NOTE,
)
NOT_ATTEMPTED = Reason(
    "not_attempted",
    "Not attempted, because the run stopped before.",
    "Mend what stopped the run, then run the task again.",
    NOTE,
)
REFUSED = Reason(
    "refused",
    "{platform} refused {record}: {said}",
    "Mend the record as the platform's words say, then run the task again.",
)
RECORD_UNAVAILABLE = Reason(
    "record_unavailable",
    "{record} could not be sent: {said}",
    "Run the task again.",
)
OUTCOME_UNKNOWN = Reason(
    "outcome_unknown",
    "No answer tells whether {platform} took {record}: {said}",
    "Run the task again: it is compared with the platform before it is sent once more.",
)
MOVED_IN_BOOKS = Reason(
    "moved_in_books",
    "{record} changed in the books after this plan was made, so it was not sent.",
    "Make a new preview.",
)
SENT_SINCE = Reason(
    "sent_since",
    "Another run sent {record} after this plan was made, so it was not sent once more.",
    "Make a new preview, if there is more to change.",
)
MOVED_ON_PLATFORM = Reason(
    "moved_on_platform",
    "{record} was changed on {platform} after this plan was made, so it was not sent.",
    "Make a new preview, and look at what it would overwrite.",
)
CHANGED_SINCE_SENT = Reason(
    "changed_since_sent",
    "{record} is not in the books any more as it was sent then, so that was not sent once more.",
    "Send it as the books have it now: try it again from its page.",
)
NOT_IN_INBOX = Reason(
    "not_in_inbox",
    "{platform} never gave us {record}, so there is nothing to take in again.",
    "Run the whole task: it asks {platform} what there is.",
)
RECORD_UNREADABLE = Reason(
    "record_unreadable",
    "{record} was announced by {platform} and could not be read: {said}",
    "Run the task again. If it stays, look at the record on the platform.",
)
UNKNOWN_CUSTOMER = Reason(
    "unknown_customer",
    "{record} is from {customer}, who is not in the books.",
    "Add the customer by its name and account code, say who of the books it is, or choose a default customer in the "
    "settings; the next run takes the order in.",
)
AMBIGUOUS_CUSTOMER = Reason(
    "ambiguous_customer",
    "{record} is from {customer}, and that can be any of these: {found}.",
    "Say who of the books it is; the next run takes the order in.",
)
CUSTOMER_CREATED = Reason(
    "customer_created",
    "{record} is from {customer}, who was not in the books and was added.",
    "Complete the customer: account code, price list, terms. If it is somebody the books had, merge the two "
    "on its page.",
    WARNING,
)
LINES_LEFT_OUT = Reason(
    "lines_left_out",
    "{record} came in without {count} of its lines.",
    "The item says which and why, and what helps with each.",
)
DEFAULTED_CUSTOMER = Reason(
    "defaulted_customer",
    "{record} is from {customer}, who is not in the books; it went to the default customer.",
    "Add the customer, and move the order to it by an order file if needed.",
    WARNING,
)
INACTIVE_CUSTOMER = Reason(
    "inactive_customer",
    "{record} is from {customer}, who is inactive in the books.",
    "Make the customer active, or inactivate the order.",
    WARNING,
)
CUSTOMER_ON_HOLD = Reason(
    "customer_on_hold",
    "{record} is from {customer}, whose on-hold status {status} allows no new orders.",
    "Change the on-hold status of the customer; the next run takes the order in.",
)
UNKNOWN_BARCODES = Reason(
    "unknown_barcodes",
    "{record} has lines the books do not know: {lines}.",
    "Give these barcodes to their sizes, or let orders be imported short in the settings; "
    "the next run takes the order in.",
)
IMPORTED_SHORT = Reason(
    "imported_short",
    "{record} was imported short: {lines} matched nothing in the books and stay on it as unmatched.",
    "Give the barcodes to their sizes, then name the sizes of these lines by an order file.",
    WARNING,
)
NO_KNOWN_LINE = Reason(
    "no_known_line",
    "{record} has no line whose barcode is in the books.",
    "Give the barcodes to their sizes, or say which sizes are meant; the next run takes the order in.",
    mended_by="barcodes",
)
NO_SEASON = Reason(
    "no_import_season",
    "{record} cannot be placed: the connection has no import order season.",
    "Choose the import order season in the settings of the connection.",
    setting="import_season",
)
ADDRESS_ADDED = Reason(
    "order_address_added",
    "{record} came with a new {kind} address, {address}, which was added to {customer}.",
    "Nothing is to be done; correct it on the page of the customer if it is wrong.",
    NOTE,
)
ADDRESS_NOT_ADDED = Reason(
    "order_address_not_added",
    "{record} keeps an address that was not added to its customer: {said}",
    "Add it on the page of the customer if it is needed.",
    WARNING,
)
TOTAL_DIFFERS = Reason(
    "total_differs",
    "{record} says it comes to {stated}, its lines to {computed} {currency}.",
    "Compare the order with the platform's; discounts or charges may not be in the lines.",
    WARNING,
)
CHANGED_AFTER_IMPORT = Reason(
    "changed_after_import",
    "{record} was changed on {platform} after it became {order}: {changes}.",
    "Apply the change, or leave {order} as it is, under Orders > Held.",
)
CANCELLED_AFTER_IMPORT = Reason(
    "cancelled_after_import",
    "{record} was cancelled on {platform} after it became {order}.",
    "Inactivate {order}, or leave it as it is, under Orders > Held.",
)
CANCELLED_BEFORE_IMPORT = Reason(
    "cancelled_before_import",
    "{record} was cancelled on {platform} before it was imported.",
    "Nothing is to be done.",
    NOTE,
)
APPLY_CHANGE = Reason(
    "apply_change",
    "{who} said that this change is to be applied to {order}.",
    "Nothing is to be done; the next run applies it.",
    NOTE,
)
SET_ASIDE = Reason(
    "set_aside",
    "{who} set this aside: {record} stays out of the books as it came.",
    "Take it up again if that was wrong.",
    NOTE,
)
ORDER_LOCKED = Reason(
    "revision_of_locked_order",
    "{record} was changed on {platform}, but {order} is locked.",
    "Unlock {order}; the next run applies the change.",
)
TAKEN_AS_LINKED = Reason(
    "taken_as_linked",
    "{record} is {order} of the books, as was said by hand; {order} stays as it is.",
    "Compare the two. A later change on {platform} is told of as for any order that came in.",
    NOTE,
)
LINKED_BUT_CANCELLED = Reason(
    "linked_but_cancelled",
    "{record} was cancelled on {platform}, but {order} is active.",
    "Inactivate {order} if it should not count.",
    WARNING,
)
UNACKNOWLEDGED = Reason(
    "unacknowledged",
    "{count} stored orders are still unacknowledged on {platform}.",
    "The next run tells it again; the inbox shows why it did not work.",
    WARNING,
)
NOT_ACKNOWLEDGED = Reason(
    "not_acknowledged",
    "{record} is in the books, but {platform} could not be told: {said}",
    "The next run tells it again.",
    WARNING,
)
STUMBLED = Reason(
    "stumbled",
    "Linesheet itself stumbled over {record}: {said}",
    "Report this as a defect of Linesheet, with the record; the log of the worker has the details. "
    "No other record is affected.",
)
NOT_IN_SELECTION = Reason(
    "not_in_selection",
    "{record} is not among the records that {task} on {connection} selects.",
    "Place it in the catalogue of {connection}, or make it active.",
)


def stumbled(record: str, error: Exception) -> Said:
    """That we stumbled over a record, with what the error says, but no secret in use."""
    return STUMBLED.about(record=record, said=one_line(f"{type(error).__name__}: {error}"))


REASONS = tuple(value for value in globals().values() if isinstance(value, Reason))
