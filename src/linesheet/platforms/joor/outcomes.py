"""What JOOR says of each record of a bulk call of version 2 (sheet joor.md 4 to 6). Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from linesheet.platforms.joor.wire import NOT_TOLD, CustomersOutcome, Json, objects
from linesheet.sync.errors import Nonsense

_TAKEN = ("success", "pass", "ok")
_KEYS = re.compile(r"[^\s|,;/:]+")
_MESSAGES = ("message", "comment", "error", "reason", "status")


def stock_outcome(rows: Sequence[Json], log: Any) -> list[str]:
    """For each row that was sent "" or why JOOR did not take it, from the log in its answer (sheet 5).

    The log has an entry a row, in order, or else entries that name the barcode. Without a log all were taken.
    """
    entries = objects(log)
    if not entries:
        return [""] * len(rows)
    barcodes = [str(row.get("upc")) for row in rows]
    keys = [set(_KEYS.findall(str(entry.get("sku", "")))) for entry in entries]
    if len(entries) == len(rows) and not any(
        named.intersection(barcodes) and barcode not in named for named, barcode in zip(keys, barcodes, strict=True)
    ):
        return [_refusal(entry) for entry in entries]
    by_key: dict[str, list[str]] = {}
    for named, entry in zip(keys, entries, strict=True):
        for key in named:
            by_key.setdefault(key, []).append(_refusal(entry))
    return [next(filter(None, by_key.get(barcode, [NOT_TOLD])), "") for barcode in barcodes]


def _refusal(entry: Json) -> str:
    status = str(entry.get("status") or "")
    if status.lower().startswith(_TAKEN):
        return ""
    return status or NOT_TOLD


def job_of(answer: Any) -> Json:
    """The job that an answer tells of, enveloped or bare (sheet 4). Raises Nonsense when it tells of none."""
    node = answer
    if isinstance(node, dict) and isinstance(node.get("bulk_connections"), dict):
        node = node["bulk_connections"]
    jobs = objects(node.get("bulk_connections_jobs", node) if isinstance(node, dict) else node)
    if not jobs or jobs[0].get("bulk_connections_job_id") in (None, ""):
        raise Nonsense("JOOR answered without a job to wait for.")
    return jobs[0]


def job_id(job: Json) -> str:
    """JOOR's id of the job."""
    return str(job["bulk_connections_job_id"])


def is_finished(job: Json) -> bool:
    """Whether JOOR has worked the job off; else it is queued or started (sheet 4)."""
    return str(job.get("status", "")).lower() == "finished"


def add_customer_errors(outcome: CustomersOutcome, job: Json) -> None:
    """Add what a job says of customers it did not take; one that is not finished says so."""
    outcome.finished = outcome.finished and is_finished(job)
    errors = job.get("errors")
    for error in errors if isinstance(errors, list) else objects(errors):
        code = _code_of(error)
        says = _message_of(error)
        if code:
            outcome.errors[code] = says
        else:
            outcome.problems.append(says)


def _code_of(error: Any) -> str:
    for node in (error, error.get("details") if isinstance(error, Mapping) else None):
        if isinstance(node, Mapping) and isinstance(node.get("customer_code"), str | int):
            return str(node["customer_code"])
    return ""


def _message_of(error: Any) -> str:
    if isinstance(error, Mapping):
        found = next((str(error[name]) for name in _MESSAGES if error.get(name)), "")
        return found or "JOOR gives no reason."
    return str(error)
