"""What was done: runs by the records in them, their items by reason, and calls by what one remembers of them.

Every question here is answered from an index, or from a bounded number of rows, however long a connection has worked.
"""

from dataclasses import dataclass

from django.db.models import Count, Min, Q, QuerySet

from linesheet.sync import reasons
from linesheet.sync.models import Exchange, InboxRecord, Item, Run

MOVED = frozenset(
    reason.code
    for reason in (
        reasons.MOVED_IN_BOOKS,
        reasons.SENT_SINCE,
        reasons.MOVED_ON_PLATFORM,
        reasons.CHANGED_SINCE_SENT,
    )
)
"""Why an approved plan leaves a record out: it is not as it was when the plan was made."""

MOST_FOUND = 2000
"""Items, and inbox records, that a text is looked for in at most."""
LATEST_CALLS = 20_000
"""Calls that a text is looked for in: the latest of those that were asked for otherwise."""


@dataclass(frozen=True, slots=True)
class Group:
    """The items of a run that share a state and a reason; `says` and `fix` are those of the first of them."""

    state: str
    reason_code: str
    count: int
    example: Item

    @property
    def says(self) -> str:
        """The sentence of the example."""
        return self.example.says

    @property
    def fix(self) -> str:
        """What helps, in the words of the example."""
        return self.example.fix

    @property
    def others(self) -> int:
        """How many there are beside the example."""
        return self.count - 1

    @property
    def moved(self) -> bool:
        """Whether these were left out because they moved after the plan was made."""
        return self.reason_code in MOVED


def groups_of(run: Run) -> list[Group]:
    """The items of a run that have a reason, one group a reason and state, the largest first. Two queries."""
    found = list(
        Item.objects.filter(run=run)
        .exclude(reason_code="")
        .order_by()
        .values("state", "reason_code")
        .annotate(count=Count("pk"), example=Min("pk"))
    )
    examples = Item.objects.defer("payload", "changes").in_bulk([each["example"] for each in found])
    groups = [Group(each["state"], each["reason_code"], each["count"], examples[each["example"]]) for each in found]
    return sorted(groups, key=lambda group: (-group.count, group.reason_code))


def items_called(items: "QuerySet[Item]", text: str) -> "QuerySet[Item]":
    """The items whose label begins with the text, or whose remote record has a number that does; capitals count not."""
    return items.filter(Q(label__istartswith=text) | Q(inbox__in=_received(text)))


def runs_with(runs: "QuerySet[Run]", text: str) -> "QuerySet[Run]":
    """The run of that number, and those with an item called so; looked for among the first MOST_FOUND such items."""
    labelled = Item.objects.filter(label__istartswith=text).order_by().values("run")[:MOST_FOUND]
    of_received = Item.objects.filter(inbox__in=_received(text)).order_by().values("run")[:MOST_FOUND]
    known = Q(pk__in=labelled) | Q(pk__in=of_received)
    if text.isdecimal() and len(text) < 19:
        known |= Q(pk=int(text))
    return runs.filter(known)


def calls_with(calls: "QuerySet[Exchange]", text: str) -> "QuerySet[Exchange]":
    """Those calls whose address holds the text, or that failed saying so, among the latest LATEST_CALLS of them."""
    latest = calls.order_by("-started_at", "-pk").values("pk")[:LATEST_CALLS]
    return calls.filter(Q(url__icontains=text) | Q(error__icontains=text), pk__in=latest)


def _received(text: str) -> "QuerySet[InboxRecord]":
    found: QuerySet[InboxRecord] = InboxRecord.objects.filter(label__istartswith=text).order_by()
    return found.values("pk")[:MOST_FOUND]  # type: ignore[return-value]
