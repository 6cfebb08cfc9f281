"""What was done: runs by the records in them, their items by reason, and calls by what one remembers of them.

Every question here is answered from an index, or from a bounded number of rows, however long a connection has worked.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.db import connection as database
from django.db.models import Count, Min, QuerySet

from linesheet.books.reasons import WARNING
from linesheet.sync import reasons, registry
from linesheet.sync.contexts import comparisons_of
from linesheet.sync.journal import COUNTED
from linesheet.sync.models import Connection, Exchange, InboxRecord, Item, Run
from linesheet.sync.platform import Direction

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

_GOING = [Item.State.PLANNED, Item.State.CREATED, Item.State.UPDATED]
"""States of items that are not left out."""

_OF_COMPARISONS = {"unchanged": "agree", "blocked": "do not match"}

LONGEST_NUMBER = 19
MOST_FOUND = 2000
"""Items, and inbox records, that a text is looked for in at most."""
LATEST_CALLS = 2_000
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
    def counter(self) -> str:
        """The counter of the run that these are counted in."""
        return COUNTED.get(Item.State(self.state), "planned")

    @property
    def others(self) -> int:
        """How many there are beside the example."""
        return self.count - 1

    @property
    def moved(self) -> bool:
        """Whether these were left out because they moved after the plan was made."""
        return self.reason_code in MOVED


def compares(connection: Connection, task: str) -> bool:
    """Whether a task only compares; False of one that is not declared any more."""
    declared = registry.platforms().get(connection.platform)
    return declared is not None and any(
        each.key == task and each.direction is Direction.CHECK for each in declared.tasks
    )


def mismatches_of(connection: Connection, task: str) -> frozenset[int]:
    """The legs whose blocked items do not match: those of a task that only compares, by their numbers.

    What an export looks at besides is blocked like the rest of it, as its sum says.
    """
    return comparisons_of(connection, task) if compares(connection, task) else frozenset()


def in_words(counter: str, *, compares: bool) -> str:
    """What became of so many records of a run, by its counter, as it is said behind the number."""
    return (_OF_COMPARISONS if compares else {}).get(counter, counter.replace("_", " "))


def items_of(run: Run) -> "QuerySet[Item]":
    """All items of a run, to be ordered by `run_id` and then by `pk`.

    The run is named as a range. Told that it is one run, PostgreSQL would look for its first items among those of all
    runs, in the order of their ids, and in a long history it looks long.
    """
    items: QuerySet[Item] = Item.objects.filter(run__gte=run.pk, run__lte=run.pk)
    return items


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


@dataclass(frozen=True, slots=True)
class Remark:
    """A warning that records of a run go out or came in with, how many there are, and what it says of one of them."""

    code: str
    count: int
    says: str
    fix: str

    @property
    def others(self) -> int:
        """How many there are beside that one."""
        return self.count - 1


def remarks_of(run: Run) -> list[Remark]:
    """The warnings about items of a run that are not left out, the most frequent first. One query."""
    with database.cursor() as cursor:
        cursor.execute(
            """
            SELECT note ->> 'code', count(*), (array_agg(note ORDER BY item.id))[1]
              FROM sync_item item CROSS JOIN jsonb_array_elements(item.notes) note
             WHERE item.run_id = %s AND item.state = ANY(%s) AND note ->> 'severity' = %s
             GROUP BY 1 ORDER BY 2 DESC, 1
            """,
            [run.pk, _GOING, WARNING.value],
        )
        found = [(code, count, json.loads(note)) for code, count, note in cursor.fetchall()]
    return [Remark(code, count, note["says"], note["fix"]) for code, count, note in found]


def items_remarked(items: "QuerySet[Item]", code: str) -> "QuerySet[Item]":
    """The items that are not left out and about which a run warns so."""
    return items.filter(state__in=_GOING, notes__contains=[{"code": code, "severity": WARNING.value}])


def items_called(items: "QuerySet[Item]", text: str) -> "QuerySet[Item]":
    """The items whose label begins with the text, or whose remote record has a number that does; capitals count not.

    At most MOST_FOUND of either kind.
    """
    called = items.filter(label__istartswith=text), items.filter(inbox__in=list(_received(text)))
    ids = {pk for found in called for pk in found.order_by().values_list("pk", flat=True)[:MOST_FOUND]}
    return items.filter(pk__in=ids)


def runs_with(runs: "QuerySet[Run]", text: str) -> "QuerySet[Run]":
    """The run of that number, and those with an item called so; looked for among the first MOST_FOUND such items."""
    called = Item.objects.filter(label__istartswith=text), Item.objects.filter(inbox__in=list(_received(text)))
    ids = {run_id for items in called for run_id in items.order_by().values_list("run", flat=True)[:MOST_FOUND]}
    if text.isdecimal() and len(text) < LONGEST_NUMBER:
        ids.add(int(text))
    return runs.filter(pk__in=ids)


def calls_with(calls: "QuerySet[Exchange]", text: str) -> "QuerySet[Exchange]":
    """Those calls whose method, address or error holds the text, in whatever capitals.

    It is looked for in the latest LATEST_CALLS of them.
    """
    wanted = text.lower()
    latest = calls.order_by("-started_at", "-pk").values_list("pk", "method", "url", "error")[:LATEST_CALLS]
    return calls.filter(pk__in=[pk for pk, *told in latest if wanted in " ".join(told).lower()])


def _received(text: str) -> "QuerySet[Any]":
    found: QuerySet[Any] = InboxRecord.objects.filter(label__istartswith=text).order_by()
    return found.values_list("pk", flat=True)[:MOST_FOUND]
