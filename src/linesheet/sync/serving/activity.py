"""The row that a call leaves in Activity."""

from linesheet.sync import api_calls
from linesheet.sync.masking import masked_body, masked_url
from linesheet.sync.serving.callers import ApiRequest

_SAFE = ("GET", "HEAD")


def row_of(request: ApiRequest, status: int) -> int:
    """The id of the call's row, written now, with the status it will be answered with, in the transaction at hand.

    For endpoints that name it in their answer, or that must not have done anything without it.
    """
    call = request.call
    if call.row is None:
        call.row = api_calls.note(request.auth.key, _made(request, status, b""))
        assert call.row is not None, "only pages of collects share a row"
    return call.row


def keep(request: ApiRequest, status: int, response: bytes) -> None:
    """Write the row, or complete the one there is; of a key that is not known there is only the log's line."""
    call = request.call
    if call.key is not None:
        api_calls.note(call.key, _made(request, status, response), row=call.row)


def _made(request: ApiRequest, status: int, response: bytes) -> api_calls.Made:
    call, refused = request.call, request.call.refused
    tells = request.method not in _SAFE or refused is not None
    return api_calls.Made(
        method=request.method or "",
        route=call.route,
        path=masked_url(request.get_full_path()),
        status=status,
        request_id=call.request_id,
        address=call.address,
        milliseconds=call.milliseconds,
        records=call.collected if status in (200, 304) else None,
        refused=refused.code.code if refused else "",
        says=refused.detail if refused else "",
        request_body=masked_body(request.body) if tells else "",
        response_body=masked_body(response) if tells else "",
    )
