"""Version 4 of JOOR's API: the catalogue, and how orders stand (sheet joor.md 3 and 7.3). No words of the hub."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any
from urllib.parse import quote_plus

from linesheet.platforms.joor.auth import Tokens
from linesheet.platforms.joor.wire import NOT_TOLD, ItemError, Json, Written, objects
from linesheet.sync.errors import Nonsense, Refused, Unauthorised
from linesheet.sync.transport import Transport, decoded

MOST_ITEMS = 500
"""Items of one write (sheet 2)."""

# Only orders are known to come in pages (sheet 2).
_PAGE_SIZES = {"orders": "200"}
# Characters of a list in an address, so that no server between finds the address too long.
_LONGEST_LIST = 4_000

Filter = str | int | Sequence[str]


class ClientV4:
    """One account. Raises the errors of `sync.errors`; what is wrong with one item of a list is returned instead.

    Records are JOOR's own JSON objects. All writes may be repeated: what was created comes back as DUPLICATED.
    """

    def __init__(self, transport: Transport, tokens: Tokens, account_id: str) -> None:
        self._transport = transport
        self._tokens = tokens
        self._account_id = account_id

    async def listed(self, resource: str, **filters: Filter) -> list[Json]:
        """All records of a resource, such as `skus`, in as few calls as can be (sheet 3, 7.3).

        A filter may be a list of ids, as `product_ids`: it is asked for in parts, and an empty one asks for nothing.
        At most one filter is a list. With `page_size` the list is read in pages of it, as orders always are.
        """
        found: list[Json] = []
        for query in _queries(filters):
            found += await self._whole_list(resource, query)
        return found

    async def created(self, resource: str, items: Sequence[Json]) -> Written:
        """Create records by `<resource>/bulk_create`. Known ones come back as errors DUPLICATED (sheet 3)."""
        return await self._written(f"/{resource}/bulk_create", items)

    async def updated(self, resource: str, items: Sequence[Json]) -> Written:
        """Update records, each with its `id`, by `<resource>/bulk_update` (sheet 3).

        One that JOOR passes over in an answer that tells of others is an error too.
        """
        written = await self._written(f"/{resource}/bulk_update", items)
        if written.done and len(written.done) + len(written.errors) < len(items):
            told = {str(each.get("id")) for each in (*written.done, *(error.details for error in written.errors))}
            passed_over = [item for item in items if item["id"] not in told]
            written.errors += [ItemError("", NOT_TOLD, {"id": item["id"]}) for item in passed_over]
        return written

    async def assets(self, path: str, items: Sequence[Json], replace_all: bool) -> Written:
        """Have JOOR fetch pictures, by `assets/products` or `assets/sku_trait_values/` (sheet 3.6).

        With `replace_all` a product's older pictures go; so all those of a product travel in one call.
        """
        query = {"replace_all": "true" if replace_all else "false"}
        return await self._written(f"/{path}", items, query, together=_product_of, repeatable=replace_all)

    async def set_export_status(self, ids: Sequence[str], status: str, description: str = "") -> Written:
        """Say of orders that they were exported: SUCCESS, or FAILED and why (sheet 7.4)."""
        said = {"export_status": status, **({"export_description": description} if description else {})}
        return await self.updated("orders", [{"id": order_id, **said} for order_id in ids])

    async def _whole_list(self, resource: str, query: Mapping[str, str]) -> list[Json]:
        size = query.get("page_size") or _PAGE_SIZES.get(resource)
        if size is None:
            return await self._page(resource, query)
        found: dict[Any, Json] = {}
        full = 1
        for number in count(1):
            page = await self._page(resource, {**query, "page": str(number), "page_size": size})
            before = len(found)
            found.update((record.get("id") or f"{number}/{place}", record) for place, record in enumerate(page))
            # One that gives fewer a page than it was asked for, or the same over and over, is come over too.
            if len(page) < full or len(found) == before:
                return list(found.values())
            full = len(page)
        raise AssertionError("pages do not end")

    async def _page(self, resource: str, query: Mapping[str, str]) -> list[Json]:
        answer = await self._call("GET", f"/{resource}", query)
        if errors := _errors(answer):
            raise Refused(" ".join(error.says for error in errors[:3]))
        if answer and "data" not in answer:
            raise Nonsense(f"JOOR answered without a list of {resource}.")
        return objects(answer.get("data"))

    async def _written(
        self,
        path: str,
        items: Sequence[Json],
        query: Mapping[str, str] | None = None,
        *,
        together: Callable[[Json], Any] | None = None,
        repeatable: bool = True,
    ) -> Written:
        outcome = Written()
        for chunk in _chunks(items, together):
            try:
                answer = await self._call("POST", path, query or {}, json=chunk, repeatable=repeatable)
            except Refused as refused:
                answer = _told(refused)
                # Of a list that fails in whole JOOR says what was wrong with each item, as of one that fails in part.
                if not any(error.details for error in _errors(answer)):
                    raise
            done, errors = objects(answer.get("data")), _errors(answer)
            if not done and not errors:
                raise Nonsense("JOOR answered without saying what it took.")
            outcome.done += done
            outcome.errors += errors
        return outcome

    async def _call(self, method: str, path: str, query: Mapping[str, str], **options: Any) -> Json:
        """What a call answers with. A refused token is replaced by a new one, once."""
        token = await self._tokens.token()
        try:
            return await self._called(token, method, path, query, **options)
        except Unauthorised as refused:
            if refused.status != 401:
                raise
        token = await self._tokens.token(instead_of=token)
        return await self._called(token, method, path, query, **options)

    async def _called(self, token: str, method: str, path: str, query: Mapping[str, str], **options: Any) -> Json:
        answer = await self._transport.call(
            method,
            path,
            type=Json | list[Json],
            sign=lambda method, url: {"Authorization": f"Bearer {token}"},
            query={"account": self._account_id, **query},
            empty={},
            **options,
        )
        return answer if isinstance(answer, dict) else {"data": answer}


def _told(refused: Refused) -> Json:
    """What JOOR said in full when it refused, {} when it makes no sense."""
    try:
        answer: Json = decoded(refused.answer, Json, "JOOR")
    except Nonsense:
        return {}
    return answer


def _errors(answer: Json) -> list[ItemError]:
    """What an answer says went wrong (sheet 2)."""
    errors = answer.get("errors")
    if isinstance(errors, str) and errors:
        return [ItemError("", errors, {})]
    return [
        ItemError(_text(error.get("status")), _text(error.get("message")), details if isinstance(details, dict) else {})
        for error in objects(errors)
        for details in [error.get("details")]
    ]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _queries(filters: Mapping[str, Filter]) -> Iterator[dict[str, str]]:
    """The filters of each call: a list of ids goes in parts, none of them so long that the address becomes too long."""
    plain = {name: str(value) for name, value in filters.items() if isinstance(value, str | int)}
    lists = {name: value for name, value in filters.items() if not isinstance(value, str | int)}
    if not lists:
        yield plain
    for name, ids in lists.items():
        part: list[str] = []
        length = 0
        for each in dict.fromkeys(ids):
            if part and length + len(each) > _LONGEST_LIST:
                yield {**plain, name: ",".join(part)}
                part, length = [], 0
            part.append(each)
            length += len(quote_plus(each)) + len("%2C")
        if part:
            yield {**plain, name: ",".join(part)}


def _chunks(items: Sequence[Json], together: Callable[[Json], Any] | None) -> Iterator[list[Json]]:
    """The items in lists that JOOR takes; those that belong together stay so, however many they are."""
    groups = [[item] for item in items] if together is None else _grouped(items, together)
    chunk: list[Json] = []
    for group in groups:
        if chunk and len(chunk) + len(group) > MOST_ITEMS:
            yield chunk
            chunk = []
        chunk += group
    if chunk:
        yield chunk


def _grouped(items: Sequence[Json], key: Callable[[Json], Any]) -> list[list[Json]]:
    groups: dict[Any, list[Json]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return list(groups.values())


def _product_of(item: Json) -> Any:
    product = item.get("product")
    return product.get("id") if isinstance(product, dict) else None
