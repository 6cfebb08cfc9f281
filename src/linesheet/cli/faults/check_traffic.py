"""Checks of the platform's own journal: nothing asked but by a run under way, nothing sent after a cancellation."""

import datetime
from collections.abc import Iterator
from typing import Any

from linesheet.cli.faults.workers import SHORTER
from linesheet.cli.sides.listed import traffic_of
from linesheet.cli.sides.side import Side
from linesheet.cli.sides.traffic import Traffic
from linesheet.sync.models import Run

CALL_ON_ITS_WAY = datetime.timedelta(seconds=0.3)
# A worker learns of a cancellation when it renews its lease; one that cannot renew it stops sending before it ends.
CANCELLATION_TAKES = datetime.timedelta(seconds=SHORTER["lease"]["LEASE_SECONDS"] - SHORTER["lease"]["SAFETY_SECONDS"])
MOST_REQUESTS = 2000


def traffic(remote: Side) -> Iterator[str]:
    """What does not hold of the calls that were made."""
    requests = remote.control("GET", f"/requests?limit={MOST_REQUESTS}")
    if requests and requests[0]["number"] > 1:
        yield f"the platform's journal has lost its first {requests[0]['number'] - 1} requests"
    known = traffic_of(remote.platform)
    runs = list(Run.objects.filter(started_at__isnull=False, finished_at__isnull=False))
    for request in requests:
        at = datetime.datetime.fromisoformat(request["time"])
        under_way = [run for run in runs if run.started_at <= at <= run.finished_at + CALL_ON_ITS_WAY]
        if says := _one_request(known, request, at, under_way):
            yield f"{request['method']} {request['path']} at {request['time']} {says}"


def _one_request(known: Traffic, request: dict[str, Any], at: datetime.datetime, under_way: list[Run]) -> str:
    """What is wrong with a request made while these runs were under way; "" when nothing is."""
    if not under_way:
        return "belongs to no run"
    if not known.writes_by(request["method"], request["path"]):
        return ""
    task = known.task_writing(request["method"], request["path"])
    runs = [run for run in under_way if run.task == task and _may_write(run, at)]
    if not runs:
        return f"belongs to no run of {task or 'any task'}"
    if all(run.cancel_requested_at and at > run.cancel_requested_at + CANCELLATION_TAKES for run in runs):
        return f"was sent after {runs[0]} was cancelled"
    return ""


def _may_write(run: Run, at: datetime.datetime) -> bool:
    """Whether a run could write at a moment: a preview only after it was approved."""
    return not run.preview or bool(run.approved_at and run.approved_at <= at)
