"""Which customers are shown to a platform that collects: said of many at once on the list of customers."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import Http404

from linesheet.books.changes import recorded
from linesheet.books.words import counted
from linesheet.sync import shown
from linesheet.sync.models import Connection, ShownCustomer
from linesheet.web.access import MemberRequest
from linesheet.web.declared import connections
from linesheet.web.lists import Action, Filter
from linesheet.web.lists.declared import Rows
from linesheet.web.undoing import offer_undo

KIND = "customers"


def filters(request: MemberRequest) -> Sequence[Filter]:
    """Whom customers were chosen for; none where no platform has that."""
    there = shown.that_pick(connections(request))
    return [Filter(key="shown", label="Shown to", narrow=_shown_to, choices=lambda: _named(there))] if there else []


def actions(request: MemberRequest) -> Sequence[Action]:
    """To show the selected customers to a connection, or not any more; for whoever may configure one."""
    there = [each for each in shown.that_pick(connections(request)) if request.may.configure(each)]
    if not there:
        return []

    def context(request: MemberRequest) -> dict[str, Any]:
        return {"choose": {"name": "shown_to", "label": "Connection", "choices": _named(there)}}

    given: dict[str, Any] = {"dialog": "web/customers/choose.html", "context": context}
    return [
        Action(key="show-to", label="Show to", do=_show, **given),
        Action(key="hide-from", label="Do not show to", do=_hide, **given),
    ]


def _named(there: Sequence[Connection]) -> list[tuple[str, str]]:
    return [(str(each.pk), each.name) for each in there]


def _shown_to(rows: Rows, value: str) -> Rows:
    return rows.filter(Exists(ShownCustomer.objects.filter(customer=OuterRef("pk"), connection=int(value))))


def _show(request: MemberRequest, rows: Rows) -> None:
    def act(connection: Connection) -> str:
        number = shown.pick(connection, rows)
        return f"{counted(number, 'more customer is', 'more customers are')} shown to {connection}."

    _do(request, act)


def _hide(request: MemberRequest, rows: Rows) -> None:
    def act(connection: Connection) -> str:
        number = shown.leave_out(connection, rows)
        return f"{counted(number, 'customer is', 'customers are')} not shown to {connection} any more."

    _do(request, act)


def _do(request: MemberRequest, act: Callable[[Connection], str]) -> None:
    """Do something about the connection that was chosen, which can be undone; `act` says what it did."""
    connection = _connection(request)
    # As what it publishes: whoever may configure it may take it back.
    with recorded(KIND, "", by=request.user, subject=f"connection:{connection.pk}") as change_set:
        change_set.says = says = act(connection)
    offer_undo(request, change_set, f"{says}{_unless_used(connection)}")


def _unless_used(connection: Connection) -> str:
    """That the choice decides nothing yet, where that is so."""
    if shown.shows_picked_only(connection):
        return ""
    setting = shown.setting_that_picks(shown.platform_of(connection))
    label = setting.label if setting else ""
    return f" That counts once {label} is set to the chosen ones in the settings of {connection}."


def _connection(request: MemberRequest) -> Connection:
    """The connection that was chosen. Raises Http404 or MayNot."""
    chosen = request.POST.get("shown_to", "")
    found = next((each for each in shown.that_pick(connections(request)) if str(each.pk) == chosen), None)
    if found is None:
        raise Http404
    request.may.configure_or_refuse(found, "choose the customers")
    return found
