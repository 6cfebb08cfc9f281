"""Endpoints whose requests may come again and are done once, by the header `Idempotency-Key` (`sync.idempotency`)."""

import datetime
import hashlib
from collections.abc import Callable
from typing import Any

from ninja.responses import Response

from linesheet.sync import idempotency
from linesheet.sync.idempotency import Answer, Conflict, InProgress
from linesheet.sync.serving.callers import ApiRequest
from linesheet.sync.serving.problems import (
    CONTENT_TYPE,
    IDEMPOTENCY_CONFLICT,
    IN_PROGRESS,
    INVALID_PARAMETER,
    ApiProblem,
    Issue,
)

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
REPLAYED_STATUS = 200


def done_once(
    request: ApiRequest,
    work: Callable[[], Answer],
    *,
    otherwise: str = "",
    kept: datetime.timedelta = idempotency.KEPT,
) -> Response:
    """Answer with what `work` returns, or what it returned to the same request before.

    Without the header, `otherwise` is the key; "" has the work done each time. What is replayed is answered with 200
    and the header `Idempotency-Replayed: true`. What `work` raises undoes it; see `refusal`. Raises ApiProblem.
    """
    key = request.headers.get(HEADER, "").strip() or otherwise
    if not key:
        return _response(idempotency.alone(work))
    if len(key) > idempotency.LONGEST_KEY or "\0" in key:
        says = f"{HEADER} has at most {idempotency.LONGEST_KEY} characters."
        raise ApiProblem(INVALID_PARAMETER, says, [Issue(code=INVALID_PARAMETER.code, message=says, pointer=HEADER)])
    try:
        return _response(idempotency.once(request.auth.owner, key, _asked(request), work, kept=kept))
    except Conflict:
        says = "The same idempotency key came with another request before. Use a new key."
        raise ApiProblem(IDEMPOTENCY_CONFLICT, says) from None
    except InProgress:
        says = "The same request is being worked on."
        raise ApiProblem(IN_PROGRESS, says, headers={"Retry-After": str(idempotency.RETRY_SECONDS)}) from None


def _asked(request: ApiRequest) -> str:
    hashed = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    hashed.update(request.body)
    return hashed.hexdigest()


def refusal(request: ApiRequest, problem: ApiProblem) -> Answer:
    """A refusal that `work` returns instead of raising it: what it has done stays done, and the key may come again."""
    request.call.refused = problem
    return Answer(problem.code.status, problem.as_json(request.call.request_id), kept=False)


def _response(answer: Answer) -> Response:
    if answer.replayed:
        return Response(answer.body, status=REPLAYED_STATUS, headers={REPLAYED: "true"})
    if answer.status >= 400:
        return Response(answer.body, status=answer.status, content_type=CONTENT_TYPE)
    return Response(answer.body, status=answer.status)


def as_json(shape: Any) -> Any:
    """A schema as JSON's own types, in which answers are kept."""
    return shape.model_dump(mode="json")
