"""Open problems, one line a reason."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Min

from linesheet.sync.at_risk import Value
from linesheet.sync.models import Problem
from linesheet.sync.problems import things
from linesheet.web.declared import task_name


@dataclass(frozen=True, slots=True)
class ProblemGroup:
    """Records of one connection that share a reason; `example` is the problem that is open longest, `since` its day.

    A record counts once, however many `tasks` met it. These are the ones that clear it when they run again.
    `value` is what is at risk while they last, where home has found that out.
    """

    connection_id: int
    reason_code: str
    count: int
    since: datetime.datetime
    example: Problem
    tasks: tuple[str, ...] = ()
    value: Value | None = None

    @property
    def others(self) -> int:
        """How many there are beside the example."""
        return self.count - 1


def open_problems(**of: Any) -> list[ProblemGroup]:
    """Open problems by connection and reason, the most frequent first. Two queries, however many there are."""
    problems = Problem.objects.filter(cleared_at=None, **of)
    groups = list(
        problems.order_by()
        .values("connection_id", "reason_code")
        .annotate(count=things(), since=Min("first_seen_at"), tasks=ArrayAgg("task", distinct=True))
        .order_by("-count", "reason_code")
    )
    if not groups:
        return []
    # In the order of the index `problem_of_reason`, read backwards.
    ordered = problems.order_by("-connection_id", "-reason_code", "first_seen_at", "pk")
    firsts = ordered.distinct("connection_id", "reason_code")
    examples = {
        (first.connection_id, first.reason_code): first
        for first in firsts.select_related("connection").defer("connection__credentials")
    }
    return [
        _group(group, examples[key])
        for group in groups
        if (key := (group["connection_id"], group["reason_code"])) in examples
    ]


def _group(group: dict[str, Any], example: Problem) -> ProblemGroup:
    tasks = tuple(task_name(example.connection, task) for task in group.pop("tasks"))
    return ProblemGroup(**group, example=example, tasks=tasks)
