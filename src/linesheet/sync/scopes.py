"""What a key may be used for: the scopes of the hub's own API, and of what a platform calls."""

from linesheet.books.models import Member
from linesheet.sync import registry
from linesheet.sync.endpoints import Scope
from linesheet.sync.models import ApiKey, Connection

HUB = (
    Scope("seasons:read", "Read seasons."),
    Scope("seasons:write", "Add and change seasons.", Member.EDITORS),
    Scope("products:read", "Read products with their SKUs, barcodes, prices and pictures."),
    Scope("products:write", "Add and change products, SKUs, barcodes, prices and pictures.", Member.EDITORS),
    Scope("customers:read", "Read customers with their addresses and contacts."),
    Scope("customers:write", "Add and change customers, addresses and contacts.", Member.EDITORS),
    Scope("stock:read", "Read stock."),
    Scope("stock:write", "Set stock, and add to it.", Member.EDITORS),
    Scope("orders:read", "Read orders with their lines."),
    Scope("orders:write", "Acknowledge, approve, lock and close orders.", Member.EDITORS),
    Scope("connections:read", "See connections, their tasks, runs and items, and why records are there or not."),
    Scope("runs:write", "Preview and run tasks, approve and cancel runs, of connections that the member may run."),
    Scope("webhooks:read", "Read webhooks and their deliveries.", roles=Member.OWNERS),
    Scope("webhooks:write", "Replay deliveries of webhooks.", roles=Member.OWNERS),
)
"""The scopes of the hub's own API."""


def scopes_for(owner: Connection | Member) -> tuple[Scope, ...]:
    """The scopes that a key of a connection or a member may have: of a member, those that their role is enough for."""
    if isinstance(owner, Member):
        return tuple(scope for scope in HUB if scope.roles is None or owner.role in scope.roles)
    declared = registry.platforms().get(owner.platform)
    return declared.endpoints.scopes if declared and declared.endpoints else ()


def told_of(key: ApiKey) -> list[Scope]:
    """The scopes of a key in the order they are declared, those that are not any more last and without words."""
    declared = [scope for scope in (scopes_for(key.connection) if key.connection else HUB) if scope.key in key.scopes]
    gone = set(key.scopes) - {scope.key for scope in declared}
    return [*declared, *(Scope(one, "") for one in sorted(gone))]


def scopes_of(key: ApiKey) -> frozenset[str]:
    """What a key may be used for now: its scopes that are declared still, and that its member's role allows."""
    return frozenset(key.scopes) & {scope.key for scope in scopes_for(key.owner)}
