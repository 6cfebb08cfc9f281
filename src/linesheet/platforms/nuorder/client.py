"""The calls Linesheet makes to NuORDER (sheet nuorder.md 3). No words of the hub."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal
from urllib.parse import quote

import msgspec

from linesheet.platforms.nuorder.auth import Dialect, Handshake, Keys, authorization
from linesheet.platforms.nuorder.wire import CompanyWire, Json, ProductWire, WarehouseWire, encoded, plain
from linesheet.sync import tolerant
from linesheet.sync.errors import Ambiguous, Nonsense, Refused, TravelError, Unauthorised
from linesheet.sync.legs import LONGEST_ID
from linesheet.sync.transport import Transport

# Signs that stay as they are in a path, since aiohttp would decode them again and so break the signature.
_PATH_SIGNS = "@:!$&'()*,;=~"


@dataclass(frozen=True, slots=True)
class Token:
    """A token and its secret, as the handshake gives them."""

    token: str
    secret: str


class NuOrderClient:
    """One brand portal. Raises the errors of `sync.errors`; all writes may be repeated safely.

    Products, companies and orders come back as NuORDER's own JSON objects.
    """

    def __init__(self, transport: Transport, keys: Keys, dialect: Dialect = Dialect.LEGACY) -> None:
        self._transport = transport
        self.keys = keys
        self._dialect = dialect

    @property
    def clock_difference(self) -> float | None:
        """Seconds by which NuORDER's clock is ahead of ours; None until it has answered."""
        return self._transport.clock_difference

    def with_token(self, token: str, secret: str) -> "NuOrderClient":
        """The same portal and application under another token, "" for none."""
        keys = replace(self.keys, token=token, token_secret=secret)
        return NuOrderClient(self._transport, keys, self._dialect)

    async def initiate(self, application_name: str, callback: str = "oob") -> Token:
        """Ask for a request token; the brand then approves the application by its name (sheet 1.3)."""
        handshake = Handshake(callback=callback, application_name=application_name)
        return await self._token("/api/initiate", handshake)

    async def access_token(self, verifier: str) -> Token:
        """The final token, for a client whose keys hold the request token."""
        return await self._token("/api/token", Handshake(verifier=verifier))

    async def product_ids(self) -> list[str]:
        """NuORDER's ids of all products."""
        return await self._ids("/api/products/list")

    async def product_by_external_id(self, external_id: str) -> Json | None:
        """The product of that brand_id, None when there is none."""
        return await self._found(f"/api/product/external_id/{_part(external_id)}")

    async def upsert_product(self, product: ProductWire) -> Json:
        """Create the product, or update the one with its brand_id; the product as it is then."""
        answer = await self._write("PUT", "/api/product/new/force", plain(product))
        return answer or await self._read_back(f"/api/product/external_id/{_part(product.brand_id)}")

    async def update_product(self, external_id: str, changes: Mapping[str, Any]) -> Json:
        """Change the given fields of a product; the product as it is then."""
        path = f"/api/product/external_id/{_part(external_id)}"
        return await self._write("POST", path, changes) or await self._read_back(path)

    async def inventory(self, external_id: str) -> list[Json] | None:
        """A product's stock by warehouse, less what orders took; None when there is no such product."""
        path = f"/api/inventory/external_id/{_part(external_id)}"
        try:
            return await self._list(path, Json)
        except Refused as refused:
            if refused.status == 404:
                return None
            raise

    async def set_inventory(self, external_id: str, inventory: Sequence[WarehouseWire]) -> None:
        """Replace a product's whole stock picture. NuORDER does not check the sizes (sheet 5.1)."""
        body = {"inventory": [plain(warehouse) for warehouse in inventory]}
        await self._write("POST", f"/api/inventory/external_id/{_part(external_id)}", body)

    async def company_ids(self) -> list[str]:
        """NuORDER's ids of all companies."""
        return await self._ids("/api/companies/list")

    async def company(self, company_id: str) -> Json | None:
        """The company of that id, None when there is none."""
        return await self._found(f"/api/company/{_part(company_id)}")

    async def company_by_code(self, code: str) -> Json | None:
        """The company of that code, None when there is none."""
        return await self._found(f"/api/company/code/{_part(code)}")

    async def upsert_company(self, company: CompanyWire) -> Json:
        """Create the company, or update the one with its code; the company as it is then."""
        answer = await self._write("PUT", "/api/company/new/force", plain(company))
        return answer or await self._read_back(f"/api/company/code/{_part(company.code)}")

    async def update_company(self, company_id: str, company: CompanyWire) -> Json:
        """Update a company by NuORDER's id, its code included; the company as it is then."""
        path = f"/api/company/{_part(company_id)}"
        return await self._write("POST", path, plain(company)) or await self._read_back(path)

    async def order_ids(self, status: str) -> list[str]:
        """Ids of the orders in a status; [] when there are none (304 or an empty answer)."""
        return await self._ids(f"/api/orders/{_part(status)}/list", empty_on={304})

    async def orders(self, status: str, *, limit: int | None = None, after: str = "") -> dict[str, bytes]:
        """The orders in a status by id, each as JSON that is not read yet (sheet 2.4).

        With a limit at most so many, of those whose ids are beyond `after`; not every portal keeps to that. Asked for
        once only, as there are other ways to the orders.
        """
        query = None if limit is None else {"__limit": str(limit), **({"__last_id": after} if after else {})}
        path = f"/api/orders/{_part(status)}/detail"
        orders = await self._list(path, msgspec.Raw, query=query, empty_on={304}, once=True)
        return {order_id: bytes(order) for order in orders if (order_id := _id_of(order))}

    async def order(self, order_id: str) -> Json:
        """One order. Raises Refused with status 404 when there is none."""
        return await self._object("GET", f"/api/order/{_part(order_id)}") or _nothing(f"order {order_id}")

    async def set_order_status(self, order_id: str, status: str) -> Json | None:
        """Give an order a status; the order as it is then, None when NuORDER does not say.

        It says nothing (304) when the order has that status already. Raises Refused with status 409 when the
        order is cancelled.
        """
        path = f"/api/order/{_part(order_id)}/{_part(status)}"
        return await self._write("POST", path, repeatable=True, empty_on={304}) or None

    async def schemas(self) -> list[Json]:
        """The portal's schemas; the first one has the fields (sheet 2.3)."""
        return await self._list("/api/schemas", Json)

    async def warehouses(self) -> list[Json]:
        """The brand's warehouses. Raises Refused with status 404 on portals that do not list them (sheet 13)."""
        return await self._list("/api/v3.0/warehouses", Json)

    async def _token(self, path: str, handshake: Handshake) -> Token:
        answer = await self._object("GET", path, handshake=handshake, repeatable=False)
        try:
            return Token(str(answer["oauth_token"]), str(answer["oauth_token_secret"]))
        except KeyError as missing:
            raise Nonsense(f"{path} answered without {missing.args[0]}.") from None

    async def _ids(self, path: str, **options: Any) -> list[str]:
        ids = await self._list(path, str | int, **options)
        return [tolerant.text(path, each) for each in ids]

    async def _list(self, path: str, of: Any, **options: Any) -> list[Any]:
        """The list a call answers with; an empty one may also be "", null or nothing at all (sheet 2.1)."""
        answer = await self._call("GET", path, type=list[of] | Literal[""] | None, empty=[], **options)
        return answer or []

    async def _found(self, path: str) -> Json | None:
        try:
            return await self._object("GET", path)
        except Refused as refused:
            if refused.status == 404:
                return None
            raise

    async def _read_back(self, path: str) -> Json:
        """What a write without an answer left behind (sheet 2.1, odd bodies).

        Raises Ambiguous whatever this reading ends with, since the write may have been applied.
        """
        try:
            return await self._object("GET", path) or _nothing(path)
        except Unauthorised:
            raise
        except TravelError as error:
            says = f"It was sent, and the answer does not tell whether it arrived. {error.says}"
            raise Ambiguous(says, status=error.status) from error

    async def _write(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, repeatable: bool = False, **options: Any
    ) -> Json:
        """The object a write answers with; {} where it succeeds with none, or with another kind (sheet 2.1)."""
        json = None if body is None else encoded(body)
        try:
            return await self._object(method, path, json=json, repeatable=repeatable, **options)
        except Nonsense:
            return {}

    async def _object(self, method: str, path: str, **options: Any) -> Json:
        """The object a call answers with, {} when it answers nothing."""
        answer: Json = await self._call(method, path, type=Json, empty={}, **options)
        return answer

    async def _call(self, method: str, path: str, *, handshake: Handshake | None = None, **options: Any) -> Any:
        sign = partial(authorization, keys=self.keys, dialect=self._dialect, handshake=handshake or Handshake())
        return await self._transport.call(method, path, sign=sign, **options)


def remote_id(record: Json) -> str:
    """NuORDER's id of a product, company or order. Raises Nonsense when the record has none that can be one."""
    found = record.get("_id")
    if not isinstance(found, str) or not found:
        raise Nonsense("NuORDER answered with a record without an _id.")
    if len(found) > LONGEST_ID or not found.isprintable():
        raise Nonsense(f"NuORDER answered with a record whose _id cannot be one: {found[:50]}.")
    return found


class _Named(msgspec.Struct):
    id: str = msgspec.field(name="_id", default="")


def _id_of(record: msgspec.Raw) -> str:
    """NuORDER's id of a record still in JSON, "" when it has none."""
    try:
        return _NAMED.decode(record).id
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""


_NAMED = msgspec.json.Decoder(_Named)


def _part(value: str) -> str:
    """A value as one part of a path."""
    return quote(value, safe=_PATH_SIGNS)


def _nothing(what: str) -> Json:
    raise Nonsense(f"NuORDER answered nothing about {what}.")
