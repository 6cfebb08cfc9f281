"""The Undo button that goes with the message after an action, and who may press it."""

from django.contrib import messages

from linesheet.books.models import ChangeSet
from linesheet.web.access import MemberRequest

TAG = "undo-"
"""What the tag of a message begins with that offers to undo; the id of the change set follows."""


def offer_undo(request: MemberRequest, change_set: ChangeSet, says: str) -> None:
    """Tell what was done, with a button that takes it back; without one where nothing happened to the books."""
    tag = f"{TAG}{change_set.pk}" if change_set.pk else ""
    messages.success(request, says, extra_tags=tag)


def may_undo(request: MemberRequest, change_set: ChangeSet) -> bool:
    """Whoever may make such changes may take them back, by its subject.

    "connection:7" is what a connection publishes; "match:7" which records of the books and of its platform are the
    same; "held:7" what an editor who may run it decided on an order it holds, which is of the books and of the
    connection; anything else is of the books.
    """
    place, _, rest = change_set.subject.partition(":")
    pk = rest.partition(":")[0]
    match place:
        case "connection":
            return request.may.configure(int(pk))
        case "match":
            return request.may.match(int(pk))
        case "held":
            return request.may.edit_books and request.may.run(int(pk))
    return request.may.edit_books


def is_of_import(change_set: ChangeSet) -> bool:
    """Whether an uploaded file did it."""
    return change_set.subject.partition(":")[0] == "import"
