"""What is wrong with an order, or worth a look, as ORDRE is told of it (sheet ordre.md 6.6)."""

from collections.abc import Iterable, Mapping
from typing import Any

from linesheet.books.reasons import BLOCKER, NOTE, Said
from linesheet.platforms.ordre.endpoints.bodies import IssueOut
from linesheet.platforms.ordre.endpoints.problems import code_of, pointer_of
from linesheet.sync.journal import said_as_json
from linesheet.sync.models import InboxRecord

_CODES = {
    "inactive_customer": "customer_inactive",
    "total_differs": "total_mismatch",
    "units_mismatch": "total_mismatch",
}
"""Codes of the hub's own reasons, as ORDRE's contract has them."""


def issues_of(record: InboxRecord, errors: Iterable[Said] = ()) -> list[IssueOut]:
    """All that is told of a submission: why it waits and the `errors` of its lines, or what was noted of its order."""
    lines = record.payload["lines"]
    if record.reason_code:
        code = code_of(record.reason_code)
        whole = IssueOut(code=code.code, message=record.says, pointer=pointer_of(code))
        return [whole, *(_issue(said_as_json(said), lines) for said in errors)]
    return [_issue(note, lines) for note in record.notes if note["severity"] != NOTE]


def lines_skipped(issues: Iterable[IssueOut]) -> int:
    """How many lines of an order are not in it: each has one error at most."""
    return sum(issue.severity == "error" for issue in issues)


def _issue(note: Mapping[str, str], lines: list[dict[str, Any]]) -> IssueOut:
    pointer = note.get("pointer", "")
    issue = IssueOut(
        severity="error" if note["severity"] == BLOCKER else "warning",
        code=_CODES.get(note["code"], note["code"]),
        message=note["says"],
        pointer=pointer,
    )
    if pointer.startswith("/lines/"):
        place = int(pointer.removeprefix("/lines/"))
        issue.line_id, issue.barcode = lines[place].get("line_id", str(place + 1)), lines[place].get("barcode") or None
    return issue
