"""Bulk jobs of API v2: queued in the order they come, then started, then finished (sheet 2 and 4)."""

from datetime import datetime, timedelta

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.connections import receive
from linesheet_sandbox.joor.envelopes import ItemError
from linesheet_sandbox.joor.moments import zoned
from linesheet_sandbox.joor.portal import JoorPortal

_QUEUED_PART = 0.25
"""Which part of a job's seconds it waits before it starts."""


def add_job(portal: JoorPortal, rows: list[Record], spoiled: frozenset[int]) -> Record:
    """Put a job of connections into the queue. `spoiled` are the positions of rows that a fault makes fail."""
    now = zoned(portal.clock.now())
    job: Record = {
        "id": portal.new_id("job"),
        "status": "queued",
        "created": now,
        "modified": now,
        "count": len(rows),
        "progress": 0,
        "rows": rows,
        "spoiled": sorted(spoiled),
        "errors": [],
    }
    portal.jobs.put(job["id"], job)
    return job


def settle_jobs(portal: JoorPortal) -> None:
    """Bring every job to where the clock says it is. What a job holds is stored when it finishes."""
    seconds, before, now = portal.settings.job_seconds, "", zoned(portal.clock.now())
    for job in list(portal.jobs.all()):
        if job["status"] != "finished":
            if job["created"] > now:
                # The clock was set back since: the job starts over, and nothing waits until then.
                job = portal.jobs.put(job["id"], {**job, "created": now})
            start = datetime.fromisoformat(max(job["created"], before))
            if seconds is None or portal.clock.now() < start + timedelta(seconds=seconds):
                _show_under_way(portal, job, start, seconds)
                return
            job = _finish(portal, job, start + timedelta(seconds=seconds))
        if job["modified"] <= now:
            # One that ended before the clock was set back keeps no other waiting.
            before = job["modified"]


def job_answer(job: Record) -> Record:
    """A job as polled. That a finished one tells its `errors` is this sandbox's choice (sheet 4)."""
    shown = {
        "bulk_connections_job_id": int(job["id"]),
        "status": job["status"],
        "created": job["created"],
        "modified": job["modified"],
        "connection_record_count": job["count"],
        "connection_record_progress": job["progress"],
    }
    return {**shown, "errors": job["errors"]} if job["status"] == "finished" else shown


def _show_under_way(portal: JoorPortal, job: Record, start: datetime, seconds: float | None) -> None:
    now = portal.clock.now()
    part = 0.0 if seconds is None else max(0.0, (now - start).total_seconds() / seconds)
    status = "started" if seconds is None or part >= _QUEUED_PART else "queued"
    if status != "queued":
        progress = int(job["count"] * part)
        portal.jobs.put(job["id"], {**job, "status": status, "modified": zoned(now), "progress": progress})


def _finish(portal: JoorPortal, job: Record, ended: datetime) -> Record:
    errors = []
    for position, row in enumerate(job["rows"]):
        try:
            if position in job["spoiled"]:
                raise ItemError("", "the record could not be saved")
            receive(portal, row)
        except ItemError as problem:
            errors.append({"row": position + 1, "customer_code": row.get("customer_code"), "message": problem.message})
    done = {"status": "finished", "modified": zoned(ended), "progress": job["count"], "rows": [], "errors": errors}
    finished = portal.jobs.put(job["id"], {**job, **done})
    _tell(portal, finished)
    return finished


def _tell(portal: JoorPortal, job: Record) -> None:
    """The mail that JOOR sends about a job."""
    stored, key = job["count"] - len(job["errors"]), portal.new_id("mail")
    lines = [f"{stored} of {job['count']} connections were taken."]
    lines += [f"Record {error['row']} ({error['customer_code']}): {error['message']}" for error in job["errors"]]
    mail = {
        "id": key,
        "sent": job["modified"],
        "subject": f"Bulk connection job {job['id']} is finished",
        "job_id": job["id"],
        "text": "\n".join(lines),
    }
    portal.outbox.put(key, mail)
