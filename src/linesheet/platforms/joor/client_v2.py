"""Version 2 of JOOR's API: stock, customers and orders (sheet joor.md 5 to 7). No words of the hub."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from linesheet.platforms.joor import outcomes
from linesheet.platforms.joor.auth import Scheme, v2_authorization
from linesheet.platforms.joor.wire import CustomersOutcome, Json, objects
from linesheet.sync.errors import Nonsense, Refused, Unauthorised
from linesheet.sync.transport import Transport

MOST_ROWS = 5000
"""Rows of one call or job (sheet 2)."""

# Orders have fifty lines and more each; connections are small.
_ORDERS_A_PAGE = 100
_CONNECTIONS_A_PAGE = 500
# Each look at a job costs a credit, and a long one is done no sooner for being looked at.
_FIRST_LOOK_SECONDS = 1.0
_SLOWEST_LOOK_SECONDS = 15.0
# JOOR's own code for "not found", which also comes with status 404 (sheet 2).
_NOT_FOUND = 2
_NOT_AUTHORISED = 4
# A list is read so often from its beginning when it changes while it is read.
_MOST_AGAIN = 3


@dataclass(frozen=True, slots=True)
class _Kind:
    """The names that lists of these records go by, and a key that each of them has."""

    names: tuple[str, ...]
    key: str


_CONNECTIONS = _Kind(("connections", "connection"), "customer_code")
_ORDERS = _Kind(("orders", "order"), "order_id")


class ClientV2:
    """One account, known by its token. Raises the errors of `sync.errors`; all writes may be repeated.

    A code other than 0 in an answer is Refused with JOOR's comment. `patience`: the seconds a job is waited for.
    """

    def __init__(
        self, transport: Transport, token: str, scheme: Scheme = Scheme.OAUTH2, *, patience: float = 600
    ) -> None:
        self._transport = transport
        self._token = token
        self._scheme = scheme
        self._refused_other = False
        self.patience = patience

    async def put_stock(self, rows: Sequence[Json]) -> list[str]:
        """Set the quantities of SKUs, and only of these; for each row "", or why JOOR did not take it (sheet 5).

        Quantities on pending orders are taken off by JOOR. Rows are as in the sheet: `upc`, `inventory`, and where
        they apply `warehouse` and `inventory_date`.
        """
        said: list[str] = []
        for start in range(0, len(rows), MOST_ROWS):
            part = rows[start : start + MOST_ROWS]
            query = {"dec_pending": "1"}
            body = {"inventory_items": part}
            answer = await self._call("POST", "/bulk-inventory", query, json=body, repeatable=True)
            log = _inside(answer, "inventory_log")
            if log is None and _inside(answer, "sku_count") is None and not _response(answer):
                raise Nonsense("JOOR answered without saying what it took of the stock.")
            said += outcomes.stock_outcome(part, log)
        return said

    async def put_customers(self, connections: Sequence[Json]) -> CustomersOutcome:
        """Create or update customers by their code, in one job, and wait for its end (sheet 6)."""
        outcome = CustomersOutcome()
        for start in range(0, len(connections), MOST_ROWS):
            body = {"bulk_connections": {"connection": connections[start : start + MOST_ROWS]}}
            answer = await self._call("POST", "/bulk-connection", {}, json=body, repeatable=True)
            job = await self._ended(outcomes.job_of(answer))
            outcomes.add_customer_errors(outcome, job)
        return outcome

    async def customers(self) -> list[Json]:
        """All customers that JOOR lists; those that wait for its matching are not among them (sheet 6)."""
        found: list[Json] = []
        async for page in self._pages("/connection/", _CONNECTIONS, {}, _CONNECTIONS_A_PAGE):
            found += page
        return found

    async def customer(self, code: str) -> Json | None:
        """The customer of that code, None when JOOR lists none."""
        return await self._found(f"/connection/customer_code/{_part(code)}/", _CONNECTIONS, {})

    async def orders(self, **filters: str | int) -> AsyncIterator[list[Json]]:
        """Pages of orders in full, by the filters of the sheet (7.2). Nothing is marked as exported."""
        query = {name: str(value) for name, value in filters.items()}
        async for page in self._pages("/order/", _ORDERS, {**query, "sync": "0"}, _ORDERS_A_PAGE):
            yield page

    async def order_count(self, **filters: str | int) -> int:
        """How many orders there are by these filters, at the cost of one call. Nothing is marked as exported."""
        query = {name: str(value) for name, value in filters.items()}
        answer = await self._call("GET", "/order/", {**query, "sync": "0", "count": "1", "start_from": "0"})
        total = _number(_response(answer).get("count"))
        return len(_records(answer, _ORDERS)) if total is None else total

    async def order(self, order_id: str) -> Json | None:
        """One order in full, None when there is none. It is not marked as exported (sheet 7.2)."""
        return await self._found(f"/order/{_part(order_id)}", _ORDERS, {"sync": "0"})

    async def _pages(self, path: str, kind: _Kind, query: Mapping[str, str], size: int) -> AsyncIterator[list[Json]]:
        """Pages until JOOR says, or shows, that there are no more (sheet 2).

        Each begins with the last record of the one before. Where that is another by now, records have moved up, as
        they do when an order before them is modified, and the list is read once more so that none is passed over.
        """
        first = start = int(query.get("start_from", 0))
        query = {"count": str(size), **query}
        before: list[Json] = []
        again = 0
        while True:
            at = max(start - len(before[-1:]), first)
            answer = await self._call("GET", path, {**query, "start_from": str(at)})
            page = _records(answer, kind)
            if not page and not _response(answer) and not _is_list(answer, kind):
                raise Nonsense(f"JOOR answered without a list of {kind.names[0]}.")
            # A server that does not know of pages answers with the same one over and over.
            if page == before:
                return
            if before and again < _MOST_AGAIN and (not page or page[0].get(kind.key) != before[-1].get(kind.key)):
                start, before, again = first, [], again + 1
                continue
            if fresh := [record for record in page if record not in before[-1:]]:
                yield fresh
            following = _next_start(_response(answer), at, len(page))
            if following is None or not fresh:
                return
            start, before = following, page

    async def _found(self, path: str, kind: _Kind, query: Mapping[str, str]) -> Json | None:
        try:
            answer = await self._call("GET", path, query)
        except Refused as refused:
            if refused.status == 404:
                return None
            raise
        return next(iter(_records(answer, kind)), None)

    async def _ended(self, job: Json) -> Json:
        """The job when it is finished, or as it stands when we have waited long enough."""
        job_id = outcomes.job_id(job)
        waited, wait = 0.0, _FIRST_LOOK_SECONDS
        while not outcomes.is_finished(job) and waited < self.patience:
            await asyncio.sleep(min(wait, self.patience))
            waited += wait
            wait = min(wait * 2, _SLOWEST_LOOK_SECONDS)
            job = outcomes.job_of(await self._call("GET", f"/bulk-connection/{_part(job_id)}", {}))
        return job

    async def _call(self, method: str, path: str, query: Mapping[str, str], **options: Any) -> Any:
        """What a call answers with, when JOOR's code says that it went well.

        A token that is refused under one scheme is tried under the other, once for all (sheet 1).
        """
        try:
            return await self._called(self._scheme, method, path, query, **options)
        except Unauthorised as refused:
            if refused.status != 401 or self._refused_other:
                raise
            first = refused
        other = Scheme.BEARER if self._scheme is Scheme.OAUTH2 else Scheme.OAUTH2
        try:
            answer = await self._called(other, method, path, query, **options)
        except Unauthorised:
            self._refused_other = True
            raise first from None
        self._scheme = other
        return answer

    async def _called(self, scheme: Scheme, method: str, path: str, query: Mapping[str, str], **options: Any) -> Any:
        authorization = v2_authorization(scheme, self._token)
        answer = await self._transport.call(
            method,
            path,
            # Without a content type JOOR does not look at a call, whether or not it has a body (sheet 1).
            sign=lambda method, url: {"Authorization": authorization, "Content-Type": "application/json"},
            query=query,
            empty={},
            **options,
        )
        _judge(_response(answer))
        return answer


def _response(answer: Any) -> Json:
    """The node `response` of an answer, {} where it came without its envelope (sheet 2, 7.2)."""
    for node in (answer, *(answer.values() if isinstance(answer, dict) else ())):
        if isinstance(node, dict) and isinstance(node.get("response"), dict):
            response: Json = node["response"]
            return response
    return {}


def _judge(response: Json) -> None:
    """Raises Refused, or Unauthorised, when JOOR's code says that it did not do what was asked (sheet 2)."""
    code = _number(response.get("code", 0))
    if code == 0:
        return
    if code is None:
        raise Nonsense("JOOR answered with a code that is no number.")
    comment = response.get("comment")
    says = f"{comment if isinstance(comment, str) and comment else 'JOOR gives no reason.'} (JOOR code {code})"
    if code == _NOT_AUTHORISED:
        raise Unauthorised(says, status=401)
    raise Refused(says, status=404 if code == _NOT_FOUND else 400)


def _inside(answer: Any, name: str) -> Any:
    """What an answer holds by that name, in its envelope or bare; None when nothing."""
    for node in (answer, *(answer.values() if isinstance(answer, dict) else ())):
        if isinstance(node, dict) and name in node:
            return node[name]
    return None


def _records(answer: Any, kind: _Kind) -> list[Json]:
    """The records of an answer, whose wrapper is not known for sure (sheet 7.2).

    A list, or one object for a list of one, by the plural's name, the singular's, or one in the other.
    """
    while isinstance(answer, dict) and kind.key not in answer:
        answer = next((answer[name] for name in kind.names if name in answer), None)
    return objects(answer)


def _is_list(answer: Any, kind: _Kind) -> bool:
    """Whether an answer without an envelope is a list, if an empty one."""
    return isinstance(answer, list) or answer == "" or any(_inside(answer, name) is not None for name in kind.names)


def _next_start(response: Json, start: int, got: int) -> int | None:
    """Where the next page begins, None when there is none."""
    total = _number(response.get("count"))
    following = _number(response.get("next_start"))
    if total is not None and start + got >= total:
        return None
    if following is not None:
        return following if following > start else None
    # Where nothing is told, a page that is not full may be as full as JOOR makes them.
    return start + got


def _number(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return int(value)
    except (ValueError, OverflowError):
        return None


def _part(value: str) -> str:
    """A value as one part of a path."""
    return quote(value, safe="")
