"""`/v2/connection` and `/v2/bulk-connection`: customers, one by one and in jobs (sheet 6)."""

from collections.abc import Callable

from linesheet_sandbox.common.http import Answer, Call
from linesheet_sandbox.common.routes import Route
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.connection_record import connection_answer
from linesheet_sandbox.joor.connections import (
    PENDING,
    label_of,
    live_connection,
    live_connections,
    receive,
    store_changes,
)
from linesheet_sandbox.joor.envelopes import V2_VALIDATION, ApiHandler, ItemError, RefusedCallError, v2_answer
from linesheet_sandbox.joor.jobs import add_job, job_answer, settle_jobs
from linesheet_sandbox.joor.portal import JoorPortal
from linesheet_sandbox.joor.v2_blanks import blanked
from linesheet_sandbox.joor.v2_bodies import bounds, counts, sent_nodes

_NODES = ("bulk_connections", "connections", "connection")


def list_connections(portal: JoorPortal, call: Call) -> Answer:
    """`GET /v2/connection/`: the customers matched so far; those that still wait are not among them."""
    settle_jobs(portal)
    start, count = bounds(call)
    found = live_connections(portal)
    page = found[start : start + count]
    shown = blanked(portal, {"connections": [connection_answer(connection) for connection in page]})
    return v2_answer("connections", shown, **counts(start, len(page), len(found)))


def read_connection(portal: JoorPortal, call: Call) -> Answer:
    """`GET /v2/connection/{id}/` and `GET /v2/connection/customer_code/{code}/`."""
    return _shown(portal, _addressed(portal, call))


def change_connection(portal: JoorPortal, call: Call) -> Answer:
    """`PUT` or `POST` on the same: the fields sent change."""
    connection = _addressed(portal, call)
    row = _one(portal, call)
    changed = _stored(lambda: store_changes(portal, connection, row))
    portal.applied("connections", label_of(changed), "updated")
    return _shown(portal, changed)


def send_connection(portal: JoorPortal, call: Call) -> Answer:
    """`POST` or `PUT /v2/connection/`: one customer, as in a job but at once."""
    settle_jobs(portal)
    row = _one(portal, call)
    return _shown(portal, _stored(lambda: receive(portal, row)))


def delete_connection(portal: JoorPortal, call: Call) -> Answer:
    """`DELETE` on the same. The customer's orders stay."""
    connection = _addressed(portal, call)
    portal.connections.remove(connection["connection_id"])
    portal.applied("connections", label_of(connection), "deleted")
    return v2_answer("connections", blanked(portal, {"connections": []}), comment="deleted")


def send_connections(portal: JoorPortal, call: Call) -> Answer:
    """`POST` or `PUT /v2/bulk-connection`: starts a job."""
    settle_jobs(portal)
    rows = sent_nodes(portal, call, *_NODES)
    return _job(add_job(portal, rows, call.spoiled(len(rows))))


def read_job(portal: JoorPortal, call: Call) -> Answer:
    """`GET /v2/bulk-connection/{job_id}`."""
    settle_jobs(portal)
    job = portal.jobs.get(call.parts["job"])
    if job is None:
        raise RefusedCallError(404, f"there is no job {call.parts['job']}")
    return _job(job)


def _addressed(portal: JoorPortal, call: Call) -> Record:
    settle_jobs(portal)
    code, key = call.parts.get("code", ""), call.parts.get("id", "")
    found = live_connection(portal, code=code, connection_id=key)
    if found is None:
        raise RefusedCallError(404, f"there is no connection {code or key}")
    return found


def _one(portal: JoorPortal, call: Call) -> Record:
    rows = sent_nodes(portal, call, *_NODES)
    if len(rows) > 1:
        raise RefusedCallError(400, "one connection is expected", code=V2_VALIDATION)
    return rows[0]


def _stored(store: Callable[[], Record]) -> Record:
    try:
        return store()
    except ItemError as problem:
        raise RefusedCallError(400, problem.message, code=V2_VALIDATION) from None


def _shown(portal: JoorPortal, connection: Record) -> Answer:
    comment = "the customer waits to be matched" if connection["state"] == PENDING else ""
    shown = blanked(portal, {"connections": [connection_answer(connection)]})
    return v2_answer("connections", shown, comment=comment)


def _job(job: Record) -> Answer:
    return v2_answer("bulk_connections", {"bulk_connections_jobs": [job_answer(job)]})


ROUTES: list[Route[ApiHandler]] = [
    Route("GET", "/v2/connection", list_connections),
    Route("POST PUT", "/v2/connection", send_connection),
    Route("GET", "/v2/connection/{id}", read_connection),
    Route("POST PUT", "/v2/connection/{id}", change_connection),
    Route("DELETE", "/v2/connection/{id}", delete_connection),
    Route("GET", "/v2/connection/customer_code/{code}", read_connection),
    Route("POST PUT", "/v2/connection/customer_code/{code}", change_connection),
    Route("DELETE", "/v2/connection/customer_code/{code}", delete_connection),
    Route("POST PUT", "/v2/bulk-connection", send_connections),
    Route("GET", "/v2/bulk-connection/{job}", read_job),
]
