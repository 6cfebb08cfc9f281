"""Comparisons: what the platform has beside the books, told record by record and changed on neither side."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Sequence

import pytest
from aiohttp import web

from linesheet.books.models import Product
from linesheet.books.reasons import Reason
from linesheet.sync import engine, readiness, registry, replays, runs
from linesheet.sync.explain import Outlook, explain_product
from linesheet.sync.legs import Compared, Comparison
from linesheet.sync.models import Item, Problem, Run
from linesheet.sync.platform import Direction, Task
from tests.sync.toy import TOY, ToyProducts

NOT_THERE = Reason("not_there", "{record} is not on the platform.", "Send it.")
NOT_HERE = Reason("not_here", "{record} is on the platform only.", "Take it away there, or add it.")
ELSEWHERE = Reason("elsewhere", "{record} has another name there.", "Compare the two.")


class ToyCheck(Comparison):
    """Products that the platform lacks, or has under another name; and what it has that the books do not."""

    kind = "product"
    also = {"stray": ""}

    async def compare(self) -> AsyncIterator[Sequence[Compared]]:
        there = await self.context.client.ids()
        products = await self.db(lambda: list(Product.objects.order_by("pk")))
        for start in range(0, len(products), 4):
            yield [
                Compared(str(one.pk), one.code, None if one.code in there else NOT_THERE.about(record=one.code))
                for one in products[start : start + 4]
            ]
        for one in products:
            if (row := await self.context.client.get(one.code)) and row["name"] != one.name:
                yield [Compared(str(one.pk), one.code, ELSEWHERE.about(record=one.code), remote_id=one.code)]
        known = {one.code for one in products}
        yield [
            Compared(code, code, NOT_HERE.about(record=code), kind="stray", of="-")
            for code in there
            if code not in known
        ]


class OfNobody(ToyCheck):
    async def compare(self) -> AsyncIterator[Sequence[Compared]]:
        yield [Compared("1", "One", None, of="customer")]


class DiesOnce(ToyCheck):
    lives: list[int] = []

    async def compare(self) -> AsyncIterator[Sequence[Compared]]:
        async for page in super().compare():
            yield page
            if self.lives:
                self.lives.clear()
                raise asyncio.CancelledError


def task(key: str, *legs: type, direction: Direction = Direction.CHECK) -> Task:
    return Task(key=key, name=key.capitalize(), direction=direction, help="", legs=legs)


CHECKED = dataclasses.replace(
    TOY,
    tasks=(
        *TOY.tasks,
        task("check", ToyCheck),
        task("of-nobody", OfNobody),
        task("dies-once", DiesOnce),
        task("send-and-check", ToyCheck, ToyProducts, direction=Direction.OUT),
    ),
)


@pytest.fixture(autouse=True)
def _installed(toy, monkeypatch):
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": CHECKED})


@pytest.fixture
def known(toy, products) -> list[Product]:
    """Ten products, of which the platform has the first eight, P01 by another name, and one that we have not."""
    toy.products = {one.code: {"id": one.code, "name": one.name, "colour": one.colour} for one in products[:8]}
    toy.products["P01"]["name"] = "Another coat"
    toy.products["4000"] = {"id": "4000", "name": "A stray", "colour": ""}
    return products


def accounts(run: Run) -> tuple[int, int, int, int]:
    return run.selected, run.unchanged, run.blocked, run.agreed


def differing(run: Run) -> dict[str, str]:
    return {item.label: item.reason_code for item in run.items.all()}


def test_what_agrees_is_counted_and_what_does_not_is_told(work, toy, known):
    run = work("check")

    assert (run.state, accounts(run), run.adds_up) == (Run.State.PROBLEMS, (11, 7, 4, 7), True)
    assert differing(run) == {"P08": "not_there", "P09": "not_there", "P01": "elsewhere", "4000": "not_here"}
    assert {item.state for item in run.items.all()} == {Item.State.BLOCKED}
    assert toy.writes == []


def test_what_matches_again_is_no_problem_any_more(work, toy, known):
    work("check")
    toy.products["P08"] = {"id": "P08", "name": known[8].name, "colour": "Black"}
    work("check")

    assert sorted(Problem.objects.filter(cleared_at=None).values_list("label", flat=True)) == ["4000", "P01", "P09"]


def test_where_all_agrees_the_run_is_done(work, toy, known):
    toy.products = {one.code: {"id": one.code, "name": one.name, "colour": ""} for one in known}

    run = work("check")

    assert (run.state, accounts(run)) == (Run.State.DONE, (10, 10, 0, 10))


def test_what_is_said_of_a_record_once_more_is_put_to_it(work, toy, known):
    del toy.products["P01"]
    toy.before.append(
        lambda request: web.json_response({"id": "P01", "name": "Another"}) if request.path.endswith("P01") else None
    )

    run = work("check")

    item = run.items.get(label="P01")
    assert (item.reason_code, [note["code"] for note in item.notes]) == ("not_there", ["elsewhere"])
    assert accounts(run) == (11, 7, 4, 7)


def test_what_the_books_do_not_have_is_not_taken_for_a_record_of_theirs(work, known):
    stray = work("check").items.get(label="4000")

    assert (stray.kind, stray.record_id) == ("stray", "there:4000")
    assert runs.kind_in_books(stray.run.connection, "check", "stray") == ""
    assert runs.kind_in_books(stray.run.connection, "check", "product") == "product"


def test_a_leg_that_tells_of_what_it_does_not_declare_fails(work):
    run = work("of-nobody")

    assert (run.state, run.reason_code) == (Run.State.FAILED, "internal_error")
    assert "does not declare that a product is a customer" in run.says


def test_a_comparison_is_made_anew_when_its_worker_has_died(work, known, connection):
    DiesOnce.lives.append(1)
    run, _ = runs.start(connection, "dies-once")
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(engine.execute(run.pk, run.company_id))
    run.refresh_from_db()
    assert accounts(run) == (4, 4, 0, 4)

    asyncio.run(engine.execute(run.pk, run.company_id))

    run.refresh_from_db()
    assert (run.state, accounts(run), run.adds_up) == (Run.State.PROBLEMS, (11, 7, 4, 7), True)


def test_a_comparison_comes_after_the_sending_of_its_task(work, toy, known):
    run = work("send-and-check")

    assert set(toy.products) == {one.code for one in known} | {"4000"}
    assert differing(run)["4000"] == "not_here"
    assert (run.created, run.blocked, run.agreed, run.adds_up) == (10, 1, 10, True)


def test_a_preview_of_a_task_that_also_sends_compares_once_it_is_approved(work, toy, known):
    run = work("send-and-check", preview=True)
    assert (run.state, accounts(run)) == (Run.State.PLANNED, (10, 0, 0, 0))

    runs.approve(run)
    asyncio.run(engine.execute(run.pk, run.company_id))

    run.refresh_from_db()
    assert (run.state, run.blocked, run.agreed) == (Run.State.PROBLEMS, 1, 10)


def test_a_preview_that_would_send_nothing_leaves_what_a_comparison_found(work, known):
    work("send-and-check")

    preview = work("send-and-check", preview=True)

    assert (preview.created, preview.updated) == (0, 0)
    assert [problem.label for problem in Problem.objects.filter(cleared_at=None)] == ["4000"]


def test_an_explanation_does_not_take_a_comparison_that_broke_off_for_one_that_agrees(work, toy, known, connection):
    toy.before.append(lambda request: web.json_response({"message": "no"}, status=400))
    assert work("check").state == Run.State.FAILED

    assert [way for way in explain_product("P01").ways if way.task == "check"] == []


def test_a_task_that_only_compares_has_no_preview(work, known):
    run = work("check", preview=True)

    assert (run.preview, run.state) == (False, Run.State.PROBLEMS)


def test_one_record_is_compared_again_by_itself(work, toy, known):
    item = work("check").items.get(label="P08")
    toy.products["P08"] = {"id": "P08", "name": known[8].name, "colour": "Black"}

    again, _ = replays.try_again(item)
    asyncio.run(engine.execute(again.pk, again.company_id))

    again.refresh_from_db()
    assert (again.state, accounts(again)) == (Run.State.DONE, (1, 1, 0, 1))
    assert sorted(Problem.objects.filter(cleared_at=None).values_list("label", flat=True)) == ["4000", "P01", "P09"]


def test_a_platform_that_fails_in_between_fails_the_run_with_its_account(work, toy, known):
    toy.before.append(lambda request: web.json_response({}, status=401) if request.path.endswith("P03") else None)

    run = work("check")

    assert (run.state, run.reason_code, run.adds_up) == (Run.State.FAILED, "unauthorised", True)
    assert Problem.objects.filter(cleared_at=None).exists()


def test_a_look_at_the_readiness_leaves_what_a_comparison_found(work, known, connection):
    work("check")
    look = readiness.ask(connection)

    asyncio.run(readiness.look_through(look.pk, look.company_id))

    look.refresh_from_db()
    assert look.state == "done"
    assert Problem.objects.filter(cleared_at=None).count() == 4


def test_an_explanation_says_how_a_record_compares(work, known):
    def outlook(code: str) -> list[str]:
        return [way.outlook for way in explain_product(code).ways if way.task == "check"]

    assert outlook("P01") == []

    work("check")

    assert outlook("P01") == [Outlook.DIFFERS]
    assert outlook("P02") == [Outlook.AGREES]
    (way,) = (way for way in explain_product("P08").ways if way.task == "check")
    assert way.last_item
    assert way.last_item.says == "P08 is not on the platform."
