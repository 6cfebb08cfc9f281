"""The list of a connection's open problems."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from linesheet.books.models import Company, Member
from linesheet.books.tenancy import acting_for
from linesheet.sync import problems, rights
from linesheet.sync.models import Connection, Problem
from linesheet.sync.rights import Level

Meet = Callable[..., Problem]


@pytest.fixture
def meet(connection: Connection) -> Meet:
    def one(label: str, reason: str = "no_barcode", *, of: Connection = connection, **more: Any) -> Problem:
        now = timezone.now()
        fields = {"task": "stock", "kind": "product", "says": f"{label} has {reason}.", "fix": "Mend it.", **more}
        problem: Problem = Problem.objects.create(
            connection=of,
            record_id=label,
            label=label,
            reason_code=reason,
            first_seen_at=now,
            last_seen_at=now,
            **fields,
        )
        return problem

    return one


def page_of(connection: Connection, query: str = "") -> str:
    return f"/connections/{connection.pk}/problems/{query}"


def labels(answer: HttpResponse) -> list[str]:
    return [line.label for line in answer.context["lines"]]  # type: ignore[attr-defined]


def test_the_newest_come_first_and_those_that_cleared_not_at_all(
    operator: Client, connection: Connection, meet: Meet
) -> None:
    meet("COAT")
    meet("HAT", cleared_at=timezone.now())
    meet("SCARF")

    assert labels(operator.get(page_of(connection))) == ["SCARF", "COAT"]
    assert labels(operator.get(page_of(connection, "?sort=since"))) == ["COAT", "SCARF"]


def test_they_are_narrowed_by_reason_task_and_what_a_name_begins_with(
    operator: Client, connection: Connection, meet: Meet
) -> None:
    meet("COAT-1")
    meet("COAT-2", "no_price", task="catalogue")
    meet("A-COAT")

    assert labels(operator.get(page_of(connection, "?q=coat"))) == ["COAT-2", "COAT-1"]
    assert labels(operator.get(page_of(connection, "?reason=no_price"))) == ["COAT-2"]
    assert labels(operator.get(page_of(connection, "?task=stock&q=c"))) == ["COAT-1"]
    assert labels(operator.get(page_of(connection, "?reason=unheard_of"))) == []


def test_the_reasons_there_are_can_be_asked_for_and_no_others(
    operator: Client, connection: Connection, meet: Meet
) -> None:
    other = Connection.objects.create(platform="made-up", name="Milan", base_url="https://api.example")
    for number in range(3):
        meet(f"COAT-{number}")
        meet(f"COAT-{number}", "no_price")
    meet("HAT", "nameless", of=other)
    meet("HAT", "gone", cleared_at=timezone.now())

    assert problems.reasons_of(connection) == ["no_barcode", "no_price"]
    assert "Reason: no price</option>" in operator.get(page_of(connection)).content.decode()


def test_ticked_ones_and_all_that_pass_are_taken_out_as_files(
    operator: Client, connection: Connection, meet: Meet
) -> None:
    coat = meet("COAT")
    meet("HAT", "no_price")

    ticked = operator.post(page_of(connection), {"do": "csv", "pick": coat.pk})
    every = operator.post(page_of(connection, "?reason=no_price"), {"do": "csv", "all": "yes", "pick": coat.pk})

    assert "COAT has no_barcode." in b"".join(ticked.streaming_content).decode()  # type: ignore[attr-defined]
    said = b"".join(every.streaming_content).decode()  # type: ignore[attr-defined]
    assert "HAT" in said
    assert "COAT" not in said


def test_an_order_that_was_held_leads_to_the_orders_of_the_connection(
    operator: Client, connection: Connection, meet: Meet
) -> None:
    meet("N4711", task="orders", kind="order")

    assert f'href="/connections/{connection.pk}/orders/?q=N4711"' in operator.get(page_of(connection)).content.decode()


def test_problems_of_others_are_not_to_be_had(operator: Client, connection: Connection, meet: Meet) -> None:
    mine = meet("COAT")
    hidden = Connection.objects.create(platform="made-up", name="Milan", base_url="https://api.example")
    rights.give(Member.objects.get(user__email="operator@example.com"), {hidden.pk: Level.NONE})
    secret = meet("SECRET", of=hidden)
    with acting_for(Company.objects.create(name="Second House", slug="second")):
        foreign = Connection.objects.create(platform="made-up", name="Rome", base_url="https://api.example")
        theirs = meet("THEIRS", of=foreign)

    assert operator.get(page_of(hidden)).status_code == 404
    assert operator.get(page_of(foreign)).status_code == 404
    assert operator.post(page_of(foreign), {"do": "csv", "pick": theirs.pk}).status_code == 404
    picked = operator.post(page_of(connection), {"do": "csv", "pick": [mine.pk, secret.pk, theirs.pk]})
    said = b"".join(picked.streaming_content).decode()  # type: ignore[attr-defined]
    assert "COAT" in said
    assert "SECRET" not in said
    assert "THEIRS" not in said
