"""JOOR's part of the control API: what is done in JOOR's portal, not through its API."""

from linesheet_sandbox.common.control import control_body
from linesheet_sandbox.common.http import Answer, Call, json_answer
from linesheet_sandbox.common.routes import Route, RouteTable
from linesheet_sandbox.joor import accounts, control_buyers, control_catalogue, control_setup
from linesheet_sandbox.joor.control_setup import ControlHandler
from linesheet_sandbox.joor.fields import text_in
from linesheet_sandbox.joor.portal import JoorPortal


def _add_credentials(portal: JoorPortal, call: Call) -> Answer:
    body = control_body(call)
    return json_answer(accounts.new_credentials(portal, {name: text_in(body, name) for name in body}), 201)


def _revoke_credentials(portal: JoorPortal, call: Call) -> Answer:
    body = control_body(call)
    revoked = accounts.revoke(portal, username=text_in(body, "username"), v2_token=text_in(body, "v2_token"))
    return json_answer({"revoked": revoked})


_ROUTES: list[Route[ControlHandler]] = [
    Route("POST", "/_control/credentials", _add_credentials),
    Route("POST", "/_control/credentials/revoke", _revoke_credentials),
]

CONTROL_ROUTES: RouteTable[ControlHandler] = RouteTable(
    [
        *_ROUTES,
        *control_setup.ROUTES,
        *control_catalogue.ROUTES,
        *control_buyers.ROUTES,
    ]
)
