"""Doing something to a catalogue: what was done is told, with a button to undo it; what is refused is given back."""

from collections.abc import Callable

from django.contrib import messages

from linesheet.books import changes
from linesheet.books.reasons import Refused, Said
from linesheet.sync.models import Connection
from linesheet.web.access import MemberRequest
from linesheet.web.undoing import offer_undo

KIND = "catalogue"


def attempt(request: MemberRequest, connection: Connection, act: Callable[[], str]) -> Said | None:
    """Do something, and tell what was done, which can be undone; why it was refused, if it was.

    `act` gives the sentence that says what it did, "" when there was nothing to do.
    """
    try:
        with changes.recorded(KIND, "", by=request.user, subject=f"connection:{connection.pk}") as change_set:
            change_set.says = says = act()
    except Refused as refused:
        return refused.said
    if says:
        offer_undo(request, change_set, says)
    return None


def attempt_or_tell(request: MemberRequest, connection: Connection, act: Callable[[], str]) -> bool:
    """The same where no form is open: a refusal is told on the next page. Whether it was done."""
    refused = attempt(request, connection, act)
    if refused:
        messages.error(request, str(refused))
    return refused is None
