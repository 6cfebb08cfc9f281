"""Control: what buyers, the brand's people and JOOR's people do by hand (sheet 6, 7 and 11)."""

from linesheet_sandbox.common.control import control_body
from linesheet_sandbox.common.http import Answer, Call, json_answer
from linesheet_sandbox.common.routes import Route
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.connection_record import connection_answer
from linesheet_sandbox.joor.connections import PENDING, confirm, settle_matching, store_changes, store_whole
from linesheet_sandbox.joor.control_setup import ControlHandler
from linesheet_sandbox.joor.envelopes import RefusedCallError
from linesheet_sandbox.joor.fields import texts_in
from linesheet_sandbox.joor.jobs import settle_jobs
from linesheet_sandbox.joor.order_lines import face_of, lines_of, remove_line
from linesheet_sandbox.joor.order_v2 import order_answer
from linesheet_sandbox.joor.order_v4 import export_word
from linesheet_sandbox.joor.placing import edit_order, move_order, place_order
from linesheet_sandbox.joor.portal import JoorPortal
from linesheet_sandbox.joor.skus import sku_by_id
from linesheet_sandbox.joor.stock import sellable


def _list_orders(portal: JoorPortal, call: Call) -> Answer:
    return json_answer([_order_shown(portal, order) for order in portal.orders.all()])


def _place_order(portal: JoorPortal, call: Call) -> Answer:
    _settle(portal)
    return json_answer(_order_shown(portal, place_order(portal, control_body(call))), 201)


def _read_order(portal: JoorPortal, call: Call) -> Answer:
    return json_answer(_order_shown(portal, _order(portal, call)))


def _edit_order(portal: JoorPortal, call: Call) -> Answer:
    return json_answer(_order_shown(portal, edit_order(portal, _order(portal, call), control_body(call))))


def _delete_order(portal: JoorPortal, call: Call) -> Answer:
    order = _order(portal, call)
    shown = _order_shown(portal, order)
    for line in lines_of(portal, order["id"]):
        remove_line(portal, line)
    portal.orders.remove(order["id"])
    return json_answer(shown)


def _move_order(portal: JoorPortal, call: Call) -> Answer:
    return json_answer(_order_shown(portal, move_order(portal, _order(portal, call), call.parts["status"])))


def _list_connections(portal: JoorPortal, call: Call) -> Answer:
    _settle(portal)
    return json_answer([_connection_shown(connection) for connection in portal.connections.all()])


def _add_connection(portal: JoorPortal, call: Call) -> Answer:
    """A customer that is live at once, as an account has them before any integration came."""
    connection = store_whole(portal, control_body(call))
    return json_answer(_connection_shown(confirm(portal, connection)), 201)


def _edit_connection(portal: JoorPortal, call: Call) -> Answer:
    return json_answer(_connection_shown(store_changes(portal, _connection(portal, call), control_body(call))))


def _delete_connection(portal: JoorPortal, call: Call) -> Answer:
    connection = _connection(portal, call)
    portal.connections.remove(connection["connection_id"])
    return json_answer(_connection_shown(connection))


def _confirm_connections(portal: JoorPortal, call: Call) -> Answer:
    """Confirm the waiting customers of the `codes` sent, or all of them."""
    _settle(portal)
    codes = texts_in(control_body(call), "codes")
    waiting = [found for key in portal.connections.ids_by("state", PENDING) if (found := portal.connections.get(key))]
    wanted = [connection for connection in waiting if not codes or connection["customer_code"] in codes]
    return json_answer([_connection_shown(confirm(portal, connection)) for connection in wanted])


def _list_stock(portal: JoorPortal, call: Call) -> Answer:
    """What JOOR holds: every position, with what orders took of it."""
    return json_answer([_position_shown(portal, position) for position in portal.stock.all()])


def _list_jobs(portal: JoorPortal, call: Call) -> Answer:
    settle_jobs(portal)
    return json_answer([{key: job[key] for key in job if key != "rows"} for job in portal.jobs.all()])


def _list_outbox(portal: JoorPortal, call: Call) -> Answer:
    settle_jobs(portal)
    return json_answer(list(portal.outbox.all()))


def _settle(portal: JoorPortal) -> None:
    settle_jobs(portal)
    settle_matching(portal)


def _order(portal: JoorPortal, call: Call) -> Record:
    order = portal.orders.get(call.parts["id"])
    if order is None:
        raise RefusedCallError(404, f"there is no order {call.parts['id']}")
    return order


def _connection(portal: JoorPortal, call: Call) -> Record:
    _settle(portal)
    reference = call.parts["ref"]
    found = portal.connections.by("code", reference) or portal.connections.get(reference)
    if found is None:
        raise RefusedCallError(404, f"there is no connection {reference}")
    return found


def _order_shown(portal: JoorPortal, order: Record) -> Record:
    """The order in the words of v2, with what only JOOR knows."""
    return {
        **order_answer(portal, order),
        "id": order["id"],
        "status": order["status"],
        "export_state": order["export_state"],
        "export_status": export_word(order),
        "export_description": order["export_description"],
        "line_ids": [line["id"] for line in lines_of(portal, order["id"])],
    }


def _connection_shown(connection: Record) -> Record:
    return {**connection_answer(connection), **{key: connection[key] for key in ("state", "sent", "matched")}}


def _position_shown(portal: JoorPortal, position: Record) -> Record:
    sku, warehouse = sku_by_id(portal, position["sku_id"]), portal.warehouses.get(position["warehouse_id"])
    return {
        "sku_id": position["sku_id"],
        "upc": face_of(portal, sku)["upc"] if sku else "",
        "warehouse": warehouse["name"] if warehouse else "",
        "date": position["date"],
        "sent": position["sent"],
        "quantity": sellable(position),
    }


ROUTES: list[Route[ControlHandler]] = [
    Route("GET", "/_control/orders", _list_orders),
    Route("POST", "/_control/orders", _place_order),
    Route("GET", "/_control/orders/{id}", _read_order),
    Route("PATCH", "/_control/orders/{id}", _edit_order),
    Route("DELETE", "/_control/orders/{id}", _delete_order),
    Route("POST", "/_control/orders/{id}/{status}", _move_order),
    Route("GET", "/_control/connections", _list_connections),
    Route("POST", "/_control/connections", _add_connection),
    Route("POST", "/_control/connections/confirm", _confirm_connections),
    Route("PATCH", "/_control/connections/{ref}", _edit_connection),
    Route("DELETE", "/_control/connections/{ref}", _delete_connection),
    Route("GET", "/_control/stock", _list_stock),
    Route("GET", "/_control/jobs", _list_jobs),
    Route("GET", "/_control/outbox", _list_outbox),
]
