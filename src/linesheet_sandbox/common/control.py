"""The control API every sandbox has: faults, settings, clock, journal, counts, dump and reset."""

import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec

from linesheet_sandbox.common.http import Answer, Call, decode_json, error_answer, json_answer, whole_number
from linesheet_sandbox.common.routes import Route, RouteTable
from linesheet_sandbox.common.sandbox import Sandbox

PREFIX = "/_control"

_FURTHEST_SECONDS = 10 * 365 * 86400
"""How far the clock may be moved either way: years, but never out of the calendar."""

ControlHandler = Callable[[Sandbox, Call], Answer]


async def answer_control(sandbox: Sandbox, call: Call) -> Answer:
    """Answer a control call: the shared routes first, then the platform's own."""
    try:
        if found := _ROUTES.find(call.method, call.raw_path):
            route, call.parts = found
            return route.handler(sandbox, call)
        answer = sandbox.platform.control(call)
        if isinstance(answer, Awaitable):
            answer = await answer
    except (msgspec.ValidationError, msgspec.DecodeError, re.error) as problem:
        return error_answer(400, str(problem))
    return answer or error_answer(404, f"no control route {call.method} {call.raw_path}")


def control_body(call: Call) -> dict[str, Any]:
    """The JSON object sent, or {} when nothing was."""
    return msgspec.convert(decode_json(call.body), dict[str, Any]) if call.body.strip() else {}


def _list_faults(sandbox: Sandbox, call: Call) -> Answer:
    return json_answer(sandbox.faults.all())


def _add_fault(sandbox: Sandbox, call: Call) -> Answer:
    return json_answer(sandbox.faults.add(control_body(call)), 201)


def _clear_faults(sandbox: Sandbox, call: Call) -> Answer:
    sandbox.faults.clear()
    return json_answer([])


def _remove_fault(sandbox: Sandbox, call: Call) -> Answer:
    number = whole_number(call.parts["id"])
    if number is None or not sandbox.faults.remove(number):
        return error_answer(404, f"no fault {call.parts['id']}")
    return json_answer(sandbox.faults.all())


def _show_settings(sandbox: Sandbox, call: Call) -> Answer:
    return json_answer(sandbox.platform.settings)


def _change_settings(sandbox: Sandbox, call: Call) -> Answer:
    sandbox.platform.change_settings(control_body(call))
    return _show_settings(sandbox, call)


def _show_clock(sandbox: Sandbox, call: Call) -> Answer:
    clock = sandbox.platform.clock
    return json_answer({"now": clock.stamp(), "offset_seconds": clock.offset_seconds})


class _ClockOrder(msgspec.Struct, forbid_unknown_fields=True):
    offset_seconds: Annotated[float, msgspec.Meta(ge=-_FURTHEST_SECONDS, le=_FURTHEST_SECONDS)]


def _move_clock(sandbox: Sandbox, call: Call) -> Answer:
    order = msgspec.convert(control_body(call), _ClockOrder)
    sandbox.platform.move_clock(order.offset_seconds)
    return _show_clock(sandbox, call)


def _list_requests(sandbox: Sandbox, call: Call) -> Answer:
    limit = whole_number(call.query().get("limit", "100"))
    if not limit:
        return error_answer(400, "limit must be a whole number above 0")
    return json_answer(sandbox.journal.last(limit))


def _show_stats(sandbox: Sandbox, call: Call) -> Answer:
    limiter = sandbox.limiter
    return json_answer(
        {
            "requests": sandbox.journal.counts(),
            "writes": sandbox.platform.writes(),
            "highest_concurrency": limiter.highest_concurrency,
            "in_progress": limiter.in_progress,
            "refused_by_limits": limiter.refused,
            **sandbox.platform.figures(),
        }
    )


def _show_state(sandbox: Sandbox, call: Call) -> Answer:
    return json_answer(sandbox.platform.dump())


def _show_credentials(sandbox: Sandbox, call: Call) -> Answer:
    return json_answer(sandbox.platform.credentials())


def _reset(sandbox: Sandbox, call: Call) -> Answer:
    sandbox.platform.reset()
    sandbox.faults.clear()
    sandbox.forget_traffic()
    return json_answer({"reset": True})


def _forget_traffic(sandbox: Sandbox, call: Call) -> Answer:
    sandbox.forget_traffic()
    return json_answer({"forgotten": True})


_ROUTES: RouteTable[ControlHandler] = RouteTable(
    [
        Route("GET", "/_control/faults", _list_faults),
        Route("POST", "/_control/faults", _add_fault),
        Route("DELETE", "/_control/faults", _clear_faults),
        Route("DELETE", "/_control/faults/{id}", _remove_fault),
        Route("GET", "/_control/settings", _show_settings),
        Route("POST PATCH", "/_control/settings", _change_settings),
        Route("GET", "/_control/clock", _show_clock),
        Route("POST", "/_control/clock", _move_clock),
        Route("GET", "/_control/requests", _list_requests),
        Route("DELETE", "/_control/requests", _forget_traffic),
        Route("GET", "/_control/stats", _show_stats),
        Route("GET", "/_control/state", _show_state),
        Route("GET", "/_control/credentials", _show_credentials),
        Route("POST", "/_control/reset", _reset),
    ]
)
