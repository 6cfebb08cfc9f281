"""The APIs there are: the hub's own, and one for every platform that declares endpoints."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch, URLResolver, path
from ninja import NinjaAPI, Router
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation, PathView
from ninja.utils import normalize_path, replace_path_param_notation

from linesheet.api.answers import as_problem, problem_answer
from linesheet.api.document import complete
from linesheet.sync.endpoints import Endpoints
from linesheet.sync.platform import Platform
from linesheet.sync.serving import bodies
from linesheet.sync.serving.bodies import StrictParser

VERSION = "v1"
HUB_SAYS = """\
Linesheet's own API, for ERPs and scripts: what the books hold, and what became of it.

Send a key as `Authorization: Bearer <key>`; members make keys in Linesheet under *API keys*. A key may make 120 calls a
minute. Money is a decimal text such as `"125.00"`, times are RFC 3339 in UTC. Lists come in pages: follow `next_cursor`
until it is null, keep `as_of`, and send that as `updated_since` the next time. Many records go in one request to the
addresses that end in `/bulk`: up to 5,000, each with an outcome of its own in the answer, whose status is 200 also when
records are refused. With an `Idempotency-Key` what came twice is done once. What is refused is answered with problem
details (RFC 9457) whose `code` stays the same over versions. Parameters and fields that are not documented here are
refused, so that a misspelt one is not passed over.
"""


ROOT = "/api/"


@dataclass(frozen=True, slots=True)
class Address:
    """What the door has to know before it asks: whose API an address is of, and how long a body may be there.

    `known` are, by method, the parameters that a query may have; where there is no telling, unknown ones are passed
    over, as they are in the APIs that platforms call: what they send is theirs to say.
    """

    opens: str = ""
    most_bytes: int = bodies.MOST_BYTES
    known: Mapping[str, frozenset[str]] = field(default_factory=dict)


_ADDRESSES: dict[str, Address] = {}
"""By route."""


class API(NinjaAPI):
    """One API; `opens` is the key of the platform that calls it, "" for the hub's own."""

    def __init__(
        self, *, opens: str, name: str, version: str, says: str, routers: Iterable[tuple[str, Router]]
    ) -> None:
        self.opens = opens
        self.below = f"{opens}/{version}/" if opens else f"{version}/"
        super().__init__(
            title=name,
            version=f"{version.removeprefix('v')}.0.0",
            description=says,
            urls_namespace=f"api-{opens}" if opens else "api",
            docs_url=None,
            parser=StrictParser(),
        )
        for prefix, router in routers:
            self.add_router(prefix, router)

    def mounted(self) -> URLResolver:
        """Its addresses, to be included below ROOT."""
        for bound in self._get_bound_routers():
            for at, view in bound.path_operations.items():
                route = replace_path_param_notation(normalize_path(f"{self.below}{bound.prefix}/{at}"))
                known = {} if self.opens else _known(view)
                _ADDRESSES[f"{ROOT}{route}"] = Address(self.opens, _most_bytes(view), known)
        resolver = path(self.below, self.urls)
        assert isinstance(resolver, URLResolver)
        return resolver

    def set_default_exception_handlers(self) -> None:
        self.add_exception_handler(Exception, _refuse)

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> OpenAPISchema:
        """The document, with everything that may be answered."""
        document = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        complete(document, self._operations())
        return document

    def _operations(self) -> Iterable[Operation]:
        for bound in self._get_bound_routers():
            for view in bound.path_operations.values():
                yield from view.operations


def apis(hub: Sequence[tuple[str, Router]], platforms: Iterable[Platform]) -> list[API]:
    """The hub's own API of these routers, and those that platforms call."""
    hubs = API(opens="", name="Linesheet", version=VERSION, says=HUB_SAYS, routers=hub)
    return [hubs, *(_called_by(platform, platform.endpoints) for platform in platforms if platform.endpoints)]


def address_at(match: ResolverMatch) -> Address:
    """What is known of the address that was found."""
    return _ADDRESSES.get(f"/{match.route}", Address())


def _called_by(platform: Platform, declared: Endpoints) -> API:
    return API(
        opens=platform.key,
        name=f"Linesheet for {platform.name}",
        version=declared.version,
        says=declared.says,
        routers=declared.routers(),
    )


def _most_bytes(view: PathView) -> int:
    in_bulk = any(bodies.is_in_bulk(operation.view_func) for operation in view.operations)
    return bodies.MOST_BYTES_IN_BULK if in_bulk else bodies.MOST_BYTES


def _known(view: PathView) -> dict[str, frozenset[str]]:
    return {
        method: frozenset(
            name
            for model in operation.models
            if model.__ninja_param_source__ == "query"
            for name in getattr(model, "__ninja_flatten_map__")  # noqa: B009 - ninja sets it, unknown to its types
        )
        for operation in view.operations
        for method in operation.methods
    }


def _refuse(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    assert isinstance(error, Exception)
    return problem_answer(request, as_problem(error))
