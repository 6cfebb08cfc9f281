"""Why a call is refused, as programs read it: problem details (RFC 9457) with a code of ours and pointers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field, SerializeAsAny

from linesheet.books.reasons import Refused
from linesheet.sync.serving.values import Shape

CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of problem, as declared: what programs know it by, the status it is answered with, and its title."""

    code: str
    status: int
    title: str


INVALID_JSON = Code("invalid_json", 400, "The body is not JSON")
INVALID_PARAMETER = Code("invalid_parameter", 400, "A parameter is not as it should be")
UNAUTHORISED = Code("unauthorised", 401, "No valid key")
FORBIDDEN_SCOPE = Code("forbidden_scope", 403, "The key may not be used for this")
IP_NOT_ALLOWED = Code("ip_not_allowed", 403, "The key may not be used from this address")
HTTPS_REQUIRED = Code("https_required", 403, "A key was sent over plain HTTP")
NOT_FOUND = Code("not_found", 404, "There is no such record")
METHOD_NOT_ALLOWED = Code("method_not_allowed", 405, "There is nothing to be done here in this way")
IDEMPOTENCY_CONFLICT = Code("idempotency_conflict", 409, "The idempotency key was used for something else")
IN_PROGRESS = Code("in_progress", 409, "The same request is being worked on")
CURSOR_EXPIRED = Code("cursor_expired", 410, "The cursor is too old")
TOO_LARGE = Code("too_large", 413, "The body is too large")
SCHEMA_VIOLATION = Code("schema_violation", 422, "The body is not as it should be")
REFUSED = Code("refused", 422, "The books do not take this")
RATE_LIMITED = Code("rate_limited", 429, "Too many calls")
DEFECT = Code("internal_error", 500, "Linesheet failed")
MAINTENANCE = Code("maintenance", 503, "Not to be served now")

COMMON = (
    INVALID_JSON,
    INVALID_PARAMETER,
    UNAUTHORISED,
    FORBIDDEN_SCOPE,
    IP_NOT_ALLOWED,
    HTTPS_REQUIRED,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    IDEMPOTENCY_CONFLICT,
    IN_PROGRESS,
    CURSOR_EXPIRED,
    TOO_LARGE,
    SCHEMA_VIOLATION,
    REFUSED,
    RATE_LIMITED,
    DEFECT,
    MAINTENANCE,
)


class Issue(Shape):
    """One thing that is wrong, or worth a look, and where; `pointer` is a JSON pointer into the body that was sent.

    Of a parameter it is the name, as in `?limit`.
    """

    severity: Literal["error", "warning"] = "error"
    code: str
    message: str
    pointer: str = ""


class Problem(Shape):
    """Why a call was refused (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    issues: list[SerializeAsAny[Issue]] = Field(default_factory=list)


class ApiProblem(Exception):
    """The call is refused; raised in an endpoint it is answered as problem details."""

    def __init__(
        self, code: Code, detail: str, issues: Sequence[Issue] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        self.code = code
        self.detail = detail
        self.issues = list(issues)
        self.headers = dict(headers or {})
        super().__init__(f"{code.code}: {detail}")

    @classmethod
    def from_refused(cls, refused: Refused) -> "ApiProblem":
        """What the books said no to, with their sentence and remedy."""
        issue = Issue(code=refused.reason.code, message=refused.says)
        return cls(REFUSED, f"{refused.says} {refused.fix}", [issue])

    def as_json(self, request_id: str) -> dict[str, Any]:
        """The body of the answer."""
        return Problem(
            type=f"urn:linesheet:problem:{self.code.code}",
            title=self.code.title,
            status=self.code.status,
            detail=self.detail,
            code=self.code.code,
            request_id=request_id,
            issues=self.issues,
        ).model_dump()


def not_found(what: str) -> ApiProblem:
    """There is no such record, or it is another company's; which of the two, nobody is told."""
    return ApiProblem(NOT_FOUND, f"There is no such {what}.")
