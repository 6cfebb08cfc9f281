"""The ASGI application around a platform: limits, latency, faults and the journal."""

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

import msgspec

from linesheet_sandbox.common.connection import cut, hold
from linesheet_sandbox.common.control import PREFIX, answer_control
from linesheet_sandbox.common.faults import REFUSAL_STATUS, Fault, damaged, disturbed
from linesheet_sandbox.common.http import LARGEST_BODY, Answer, Call
from linesheet_sandbox.common.journal import Entry, excerpt
from linesheet_sandbox.common.sandbox import Sandbox


@dataclass(slots=True)
class _Cut:
    """The connection is to be closed, after a part of an answer or after nothing."""

    partial: Answer | None = None
    promised: int = 0


class Gateway:
    """Serves one sandbox: its control API plainly, everything else under limits and faults."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        call = Call(
            method=scope["method"],
            scheme=scope["scheme"],
            raw_path=scope["raw_path"].decode("latin-1"),
            query_string=scope["query_string"].decode("latin-1"),
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            body=b"",
        )
        if call.raw_path.startswith(PREFIX):
            call.body = await _whole_body(receive) or b""
            await _send(send, await answer_control(self._sandbox, call))
            return
        outcome = await self._observed(call, receive)
        if isinstance(outcome, _Cut):
            await cut(scope, receive, outcome.partial, outcome.promised)
        else:
            await _send(send, outcome)

    async def _observed(self, call: Call, receive: Any) -> Answer | _Cut:
        sandbox, started = self._sandbox, time.perf_counter()
        caller = sandbox.platform.caller(call)
        entry = sandbox.journal.open(
            time=sandbox.platform.clock.stamp(),
            method=call.method,
            path=call.raw_path,
            template=sandbox.platform.template(call),
            query=call.query_string,
            caller=caller,
        )
        with sandbox.limiter.admission(caller, sandbox.platform.settings) as admitted:
            body = await _whole_body(receive)
            if body is None:
                outcome: Answer | _Cut = _Cut()
            elif not admitted:
                outcome = self._too_many(call)
            elif len(body) > LARGEST_BODY:
                outcome = sandbox.platform.refusal(call, 413, "")
            else:
                call.body, entry.body = body, excerpt(body)
                outcome = await self._outcome(call, entry, receive)
        status = None if isinstance(outcome, _Cut) else outcome.status
        sandbox.journal.close(entry, status=status, duration_ms=(time.perf_counter() - started) * 1000)
        return outcome

    async def _outcome(self, call: Call, entry: Entry, receive: Any) -> Answer | _Cut:
        platform, faults = self._sandbox.platform, self._sandbox.faults
        if platform.settings.latency_ms:
            await asyncio.sleep(platform.settings.latency_ms / 1000)
        fault = faults.strike_request(call.method, call.raw_path)
        if fault:
            entry.fault = fault.kind
            if fault.kind in ("timeout_before", "disconnect_before"):
                return await self._unanswered(fault, receive)
            if fault.kind in ("status", *REFUSAL_STATUS) and not fault.applied:
                return self._refused(call, fault)
            if fault.kind == "half":
                call.half_seed = fault.seed + fault.hits
        answer = platform.answer(call)
        if isinstance(answer, Awaitable):
            answer = await answer
        if fault:
            return await self._afterwards(call, answer, fault, receive)
        return self._with_list_fault(call, answer, entry) if faults.all() else answer

    def _with_list_fault(self, call: Call, answer: Answer, entry: Entry) -> Answer:
        payload = _payload(answer)
        items = self._sandbox.platform.list_of(payload)
        if items is None:
            return answer
        fault = self._sandbox.faults.strike_list(call.method, call.raw_path)
        if fault is None:
            return answer
        entry.fault = fault.kind
        return disturbed(answer, payload, items, fault)

    async def _afterwards(self, call: Call, answer: Answer, fault: Fault, receive: Any) -> Answer | _Cut:
        if fault.kind == "half":
            return answer
        if fault.kind in ("timeout_after", "disconnect_after"):
            return await self._unanswered(fault, receive)
        if fault.kind == "slow":
            await hold(receive, fault.seconds)
            return answer
        if fault.kind in ("status", *REFUSAL_STATUS):
            return self._refused(call, fault)
        spoiled = damaged(answer, fault)
        if fault.kind == "truncate" and fault.close_early:
            return _Cut(spoiled, promised=len(answer.body))
        return spoiled

    async def _unanswered(self, fault: Fault, receive: Any) -> _Cut:
        if fault.kind.startswith("timeout"):
            await hold(receive, fault.seconds)
        return _Cut()

    def _refused(self, call: Call, fault: Fault) -> Answer:
        status = REFUSAL_STATUS.get(fault.kind, fault.status)
        refusal = self._sandbox.platform.refusal(call, status, fault.message)
        if fault.retry_after is not None:
            refusal.headers["retry-after"] = f"{fault.retry_after:g}"
        return refusal

    def _too_many(self, call: Call) -> Answer:
        refusal = self._sandbox.platform.refusal(call, 429, "")
        retry_after = self._sandbox.platform.settings.retry_after
        if retry_after is not None:
            refusal.headers["retry-after"] = f"{retry_after:g}"
        return refusal


async def _whole_body(receive: Any) -> bytes | None:
    """The body sent, cut off just beyond the largest allowed; None when the caller left before its end."""
    chunks, length, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk, more = message.get("body", b""), message.get("more_body", False)
        if length <= LARGEST_BODY:
            chunks.append(chunk)
            length += len(chunk)
    return b"".join(chunks)


async def _send(send: Any, answer: Answer) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
    if answer.status != 304:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def _payload(answer: Answer) -> Any:
    """The JSON of a good answer; None when it is none."""
    if answer.status != 200:
        return None
    try:
        return msgspec.json.decode(answer.body)
    except msgspec.MsgspecError:
        return None
