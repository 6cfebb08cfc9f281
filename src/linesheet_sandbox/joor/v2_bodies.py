"""What API v2 calls send, in whichever shape (sheet 5 and 6)."""

from linesheet_sandbox.common.http import Call, whole_number
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.envelopes import V2_VALIDATION, ItemError, RefusedCallError, json_body
from linesheet_sandbox.joor.portal import JoorPortal
from linesheet_sandbox.joor.v2_fields import nodes

DEFAULT_COUNT = 50


def sent_nodes(portal: JoorPortal, call: Call, *names: str) -> list[Record]:
    """The records in the body. Refuses a body without any, and more than a call may hold."""
    try:
        rows = nodes(json_body(call), *names)
    except ItemError as problem:
        raise RefusedCallError(400, problem.message) from None
    limit = portal.settings.v2_list_limit
    if not rows:
        raise RefusedCallError(400, f"{names[-1]} is missing", code=V2_VALIDATION)
    if limit is not None and len(rows) > limit:
        raise RefusedCallError(400, f"a call may hold {limit} records at most, and this holds {len(rows)}")
    return rows


def switch(call: Call, name: str, *, default: bool = False) -> bool:
    """A parameter that is 1 or 0."""
    value = call.query().get(name, "")
    if value not in ("", "0", "1"):
        raise RefusedCallError(400, f"{name} must be 0 or 1")
    return value == "1" if value else default


def bounds(call: Call) -> tuple[int, int]:
    """`start_from`, from 0, and `count`."""
    query = call.query()
    start, count = whole_number(query.get("start_from") or "0"), whole_number(query.get("count") or str(DEFAULT_COUNT))
    if start is None or not count:
        raise RefusedCallError(400, "start_from must be 0 or more, and count 1 or more")
    return start, count


def counts(start: int, shown: int, total: int) -> Record:
    """What the `response` node of a list says."""
    return {"start_from": start, "next_start": start + shown, "count": total}
