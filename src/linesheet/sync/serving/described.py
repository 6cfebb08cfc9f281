"""What the OpenAPI document says of endpoints beyond their types; for their `openapi_extra`."""

from typing import Any

from linesheet.sync.idempotency import LONGEST_KEY
from linesheet.sync.serving.problems import CONTENT_TYPE, IDEMPOTENCY_CONFLICT, IN_PROGRESS, Code
from linesheet.sync.serving.repeats import HEADER, REPLAYED


def described(*codes: Code, repeats: bool = False) -> dict[str, Any]:
    """The problems an endpoint has of its own, and whether it is done once by an idempotency key."""
    if not repeats:
        return {"responses": problem_responses(*codes)}
    return {
        "responses": {
            200: {"description": f"The same request came before; `{REPLAYED}: true`."},
            **problem_responses(*codes, IDEMPOTENCY_CONFLICT, IN_PROGRESS),
        },
        "parameters": [
            {
                "in": "header",
                "name": HEADER,
                "required": False,
                "description": "The same request with the same key is done once; its answer is kept for 30 days.",
                "schema": {"type": "string", "maxLength": LONGEST_KEY},
            }
        ],
    }


def problem_responses(*codes: Code) -> dict[int, dict[str, Any]]:
    """By status, the problems with their titles."""
    found: dict[int, dict[str, Any]] = {}
    for code in codes:
        told = f"`{code.code}`: {code.title}."
        before = found.get(code.status)
        found[code.status] = {
            "description": f"{before['description']} {told}" if before else told,
            "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return found
