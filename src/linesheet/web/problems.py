"""Open problems, one line a reason."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min

from linesheet.sync.at_risk import Value
from linesheet.sync.models import Problem


@dataclass(frozen=True, slots=True)
class ProblemGroup:
    """Open problems of one connection that share a reason; `example` is one of them.

    `value` is what is at risk while they last, where home has found that out.
    """

    connection_id: int
    reason_code: str
    count: int
    since: datetime.datetime
    example: Problem
    value: Value | None = None

    @property
    def others(self) -> int:
        """How many there are beside the example."""
        return self.count - 1


def open_problems(**of: Any) -> list[ProblemGroup]:
    """Open problems by connection and reason, the most frequent first. Two queries, however many there are."""
    groups = list(
        Problem.objects.filter(cleared_at=None, **of)
        .order_by()
        .values("connection_id", "reason_code")
        .annotate(count=Count("pk"), since=Min("first_seen_at"), example=Max("pk"))
        .order_by("-count", "reason_code")
    )
    rows = Problem.objects.select_related("connection").defer("connection__credentials")
    examples = rows.in_bulk([group["example"] for group in groups])
    return [ProblemGroup(**{**group, "example": examples[group["example"]]}) for group in groups]
