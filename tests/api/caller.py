"""A made-up platform that calls us: it leaves notes, which become customers."""

import threading
from typing import Any

from ninja import Router, Schema, Status
from pydantic import Field

from linesheet.books.models import Customer
from linesheet.sync.endpoints import Endpoints, Scope
from linesheet.sync.idempotency import Answer
from linesheet.sync.platform import BudgetRules, Platform
from linesheet.sync.serving.activity import row_of
from linesheet.sync.serving.bodies import MOST_LINES, Body, in_bulk
from linesheet.sync.serving.callers import ApiRequest, scoped
from linesheet.sync.serving.described import described
from linesheet.sync.serving.problems import SCHEMA_VIOLATION, ApiProblem, not_found
from linesheet.sync.serving.repeats import as_json, done_once, refusal

entered = threading.Event()
"""Set by the endpoint that is asked to wait, once it is at work."""
may_go_on = threading.Event()


class NoteIn(Body):
    name: str = Field(min_length=1, max_length=100)
    lines: list[int] = Field(default_factory=list, max_length=MOST_LINES)
    wait: bool = False
    token: str = ""


class NoteOut(Schema):
    id: int
    name: str
    activity: int | None = None


def routers() -> list[tuple[str, Router]]:
    router = Router(tags=["Notes"])

    @router.post(
        "/notes",
        response={201: NoteOut, 200: NoteOut},
        auth=scoped("notes:write"),
        openapi_extra=described(repeats=True),
    )
    def leave_note(request: ApiRequest, note: NoteIn) -> Any:
        """Leave a note."""

        def work() -> Answer:
            if note.wait:
                entered.set()
                may_go_on.wait(20)
            made = Customer.objects.create(name=note.name)
            if note.name == "refused":
                raise ApiProblem(SCHEMA_VIOLATION, "No note may be called so.")
            if note.name == "broken":
                raise RuntimeError("a defect")
            if note.name == "held":
                return refusal(request, ApiProblem(SCHEMA_VIOLATION, "No note may be called so, but it is kept."))
            return Answer(201, as_json(NoteOut(id=made.pk, name=made.name, activity=row_of(request, 201))))

        return done_once(request, work)

    @router.post("/notes/bulk", response=list[str], auth=scoped("notes:write"))
    @in_bulk
    def leave_notes(request: ApiRequest, notes: list[NoteIn]) -> Any:
        """Leave many notes; the names of them."""
        return [note.name for note in notes]

    @router.get("/notes/{int:note_id}", response=NoteOut, auth=scoped("notes:read"))
    def get_note(request: ApiRequest, note_id: int) -> Any:
        """One note."""
        found = Customer.objects.filter(pk=note_id).first()
        if found is None:
            raise not_found("note")
        return Status(200, found)

    return [("", router)]


def _no_client(*args: Any) -> Any:
    raise AssertionError("nothing is called here")


CALLER = Platform(
    key="caller",
    name="Caller",
    base_urls=(),
    credentials=(),
    settings=(),
    tasks=(),
    reasons=(),
    budget=BudgetRules(concurrency=1),
    client=_no_client,
    check=_no_client,
    endpoints=Endpoints(
        version="v1",
        scopes=(Scope("notes:read", "Read notes."), Scope("notes:write", "Leave notes.")),
        routers=routers,
        says="For tests.",
    ),
)
