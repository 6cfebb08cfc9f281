"""The brand's customers on JOOR: new ones wait for JOOR's people, known ones change at once (sheet 6)."""

from datetime import datetime, timedelta

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.connection_record import SIDES, read_changes, read_connection
from linesheet_sandbox.joor.envelopes import records
from linesheet_sandbox.joor.fields import invalid
from linesheet_sandbox.joor.moments import zoned
from linesheet_sandbox.joor.order_record import customer_facts
from linesheet_sandbox.joor.portal import JoorPortal

PENDING, LIVE = "pending", "live"


def live_connections(portal: JoorPortal) -> list[Record]:
    """The customers that JOOR has matched, by id."""
    settle_matching(portal)
    return [connection for connection in portal.connections.all() if connection["state"] == LIVE]


def live_connection(portal: JoorPortal, *, code: str = "", connection_id: str = "") -> Record | None:
    """A matched customer by its code or its id."""
    settle_matching(portal)
    found = portal.connections.by("code", code) if code else portal.connections.get(connection_id)
    return found if found and found["state"] == LIVE else None


def store_whole(portal: JoorPortal, row: Record) -> Record:
    """Store a customer as sent: one of a known code is replaced entirely, any other waits for matching.

    Raises ItemError when a field is wrong, or a price type or warehouse is not set up on the account.
    """
    fields = read_connection(row)
    _check_set_up(portal, fields)
    known = portal.connections.by("code", fields["customer_code"])
    return _store_changed(portal, known, fields) if known else _store_new(portal, fields)


def receive(portal: JoorPortal, row: Record) -> Record:
    """Store a customer sent through the API; see `store_whole`."""
    before = len(portal.connections)
    connection = store_whole(portal, row)
    portal.applied("connections", label_of(connection), "created" if len(portal.connections) > before else "updated")
    return connection


def label_of(connection: Record) -> str:
    """What a customer is called in counts of writes."""
    return str(connection["customer_code"] or connection["connection_id"])


def store_changes(portal: JoorPortal, connection: Record, row: Record) -> Record:
    """Store the fields sent of one customer. Raises ItemError like `store_whole`, and for a code that another has."""
    fields = read_changes(row)
    _check_set_up(portal, fields)
    code = fields.get("customer_code", connection["customer_code"])
    other = portal.connections.by("code", code)
    if other and other["connection_id"] != connection["connection_id"]:
        raise invalid(f"customer_code {code} is another customer's")
    return _store_changed(portal, connection, fields)


def confirm(portal: JoorPortal, connection: Record) -> Record:
    """Match a waiting customer, as JOOR's people do by hand."""
    live = {**connection, "state": LIVE, "matched": zoned(portal.clock.now())}
    return portal.connections.put(connection["connection_id"], live)


def settle_matching(portal: JoorPortal) -> None:
    """Match the customers that have waited long enough."""
    delay = portal.settings.matching_delay
    if delay is None:
        return
    for key in portal.connections.ids_by("state", PENDING):
        connection = portal.connections.get(key)
        if connection and datetime.fromisoformat(connection["sent"]) + timedelta(seconds=delay) <= portal.clock.now():
            confirm(portal, connection)


def _store_new(portal: JoorPortal, fields: Record) -> Record:
    now = zoned(portal.clock.now())
    connection: Record = {
        "connection_id": portal.new_id("connection"),
        "state": PENDING,
        "sent": now,
        "matched": "",
        "created": now,
        "modified": now,
        **fields,
    }
    connection |= {side: _with_address_ids(portal, side, fields[side], []) for side in SIDES}
    return portal.connections.put(connection["connection_id"], connection)


def _store_changed(portal: JoorPortal, connection: Record, fields: Record) -> Record:
    changed: Record = {**connection, **fields, "modified": zoned(portal.clock.now())}
    for side in SIDES:
        if side in fields:
            changed[side] = _with_address_ids(portal, side, fields[side], connection[side])
    portal.connections.put(connection["connection_id"], changed)
    _write_through(portal, connection, changed)
    return changed


def _with_address_ids(portal: JoorPortal, side: str, sent: list[Record], known: list[Record]) -> list[Record]:
    """Addresses with their ids: a known code keeps its id."""
    ids = {address[f"{side}_code"]: address[f"{side}_address_id"] for address in known if address[f"{side}_code"]}
    return [
        {f"{side}_address_id": ids.get(address[f"{side}_code"]) or int(portal.new_id("address")), **address}
        for address in sent
    ]


def _write_through(portal: JoorPortal, former: Record, changed: Record) -> None:
    """Tell a customer's orders its new name and code (sheet 6)."""
    before, after = customer_facts(former), customer_facts(changed)
    news = {key: after[key] for key in ("customer_name", "customer_code") if after[key] != before[key]}
    if news:
        for order in records(map(portal.orders.get, portal.orders.ids_by("connection", changed["connection_id"]))):
            portal.orders.put(order["id"], {**order, **news})


def _check_set_up(portal: JoorPortal, fields: Record) -> None:
    """What is set up on the account beforehand must be there (sheet 6)."""
    for price_type in fields.get("price_types", ()):
        label, currency = price_type["price_type_label"], price_type["price_type_currency_code"]
        if not portal.price_types.by("pair", (label, currency)):
            raise invalid(f"price type {label} in {currency} does not exist")
    for warehouse in fields.get("warehouses", ()):
        name, code = warehouse["warehouse_name"], warehouse["warehouse_code"]
        if not (portal.warehouses.by("name", name) or (code and portal.warehouses.by("code", code))):
            raise invalid(f"warehouse {name or code} does not exist")
