"""A run: its sum, its items, its progress, and what may be done with it."""

import datetime
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from linesheet.books.models import Product
from linesheet.sync import registry
from linesheet.sync.legs import Compared, Comparison
from linesheet.sync.models import Connection, Exchange, InboxRecord, Item, Run
from linesheet.sync.platform import Direction, Task
from tests.web.made_up import MADE_UP


def _run(connection: Connection, state: str, **more: Any) -> Run:
    return Run.objects.create(connection=connection, task="stock", state=state, **more)


def _items(run: Run, *states: str, **more: Any) -> list[Item]:
    return Item.objects.bulk_create(
        Item(run=run, kind="product", record_id=str(number), label=f"COAT-{number:03}", state=state, **more)
        for number, state in enumerate(states)
    )


def _labels(answer: Any) -> list[str]:
    return [line.label for line in answer.context["lines"]]


def _text(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def test_the_sum_adds_up_with_each_number_leading_to_its_items(operator: Client, connection: Connection) -> None:
    run = _run(connection, "problems", selected=6, created=1, updated=2, blocked=1, failed=1, not_attempted=1)
    _items(run, "created", "updated", "updated", "blocked", "failed", "cancelled")

    page = f"/runs/{run.pk}/"
    for shown, labels in {
        "created": ["COAT-000"],
        "updated": ["COAT-001", "COAT-002"],
        "blocked": ["COAT-003"],
        "failed": ["COAT-004"],
        "not_attempted": ["COAT-005"],
    }.items():
        assert f'{page}?show={shown}#items"' in _text(operator, page)
        assert _labels(operator.get(f"{page}?show={shown}")) == labels
    assert len(_labels(operator.get(page))) == 6


def test_while_a_run_is_unfinished_what_waits_is_part_of_the_sum(operator: Client, connection: Connection) -> None:
    run = _run(connection, "running", selected=100, created=40, unchanged=10, planned_seconds=600)

    text = _text(operator, f"/runs/{run.pk}/")

    assert "<b>50</b> planned" in text
    assert "50 of 100 accounted for, about 6 minutes left." in text


def test_unchanged_records_are_counted_and_not_listed(operator: Client, connection: Connection) -> None:
    run = _run(connection, "done", selected=6, unchanged=6)

    assert "counted and not listed" in _text(operator, f"/runs/{run.pk}/?show=unchanged")


def test_items_come_page_by_page_and_keep_their_filter(operator: Client, connection: Connection) -> None:
    run = _run(connection, "problems", selected=130, blocked=130)
    _items(run, *["blocked"] * 130)
    address = f"/runs/{run.pk}/?show=blocked"
    labels = []
    pages = 0
    while address:
        answer = operator.get(address)
        labels += _labels(answer)
        following = answer.context["pages"]["next"]
        address = f"/runs/{run.pk}/{following}" if following else ""
        pages += 1

    assert pages == 3
    assert labels == [f"COAT-{number:03}" for number in range(130)]


def test_an_item_says_why_and_what_changed(operator: Client, connection: Connection) -> None:
    run = _run(connection, "planned", preview=True, selected=1)
    _items(
        run,
        "planned",
        action="update",
        notes=[{"code": "x", "severity": "warning", "says": "No picture.", "fix": "Add one."}],
        changes=[
            {"field": "price", "old": "120", "new": "132"},
            {"field": "tags", "old": None, "new": ["a", "b"]},
            {"field": "sale", "old": True, "new": False},
            {"field": "name", "old": "Coat", "new": "<b>Coat</b>"},
        ],
    )

    text = _text(operator, f"/runs/{run.pk}/")

    assert "No picture." in text
    assert "<del>120</del>" in text
    assert "<ins>132</ins>" in text
    assert "<del>nothing</del>" in text
    assert "<ins>a, b</ins>" in text
    assert "all 4 changes" in text
    item = Item.objects.get()
    assert "&lt;b&gt;Coat&lt;/b&gt;" in _text(operator, f"/runs/{run.pk}/items/{item.pk}/")


def test_what_is_new_there_shows_what_will_be_sent_in_words(
    operator: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = registry.platform(connection.platform)
    told = replace(platform, words={"pricing": "price", "upc": "barcode"})
    monkeypatch.setattr(registry, "platforms", lambda: {told.key: told})
    run = _run(connection, "planned", preview=True, selected=2)
    payload = {"style_number": "T600", "pricing": {"EUR": {"wholesale": "199.5"}}, "sizes": [{"size": "S", "upc": "1"}]}
    new, known = _items(run, "planned", "planned", action="create", payload=payload)
    Item.objects.filter(pk=known.pk).update(
        action="update", changes=[{"field": "pricing.EUR.wholesale", "old": "190", "new": "199.5"}]
    )

    page = _text(operator, f"/runs/{run.pk}/items/{new.pk}/")
    listed = _text(operator, f"/runs/{run.pk}/")

    assert "Style number</span> <ins>T600</ins>" in page
    assert "Price &gt; EUR &gt; Wholesale</span> <ins>199.50</ins>" in page
    assert "Sizes &gt; S &gt; Barcode</span> <ins>1</ins>" in page
    assert f'<a href="/runs/{run.pk}/items/{new.pk}/">what will be sent</a>' in listed
    assert '<del>190.00</del> <span aria-hidden="true">→</span> <ins>199.50</ins>' in listed


def test_warnings_about_what_would_go_stand_above_the_items(operator: Client, connection: Connection) -> None:
    run = _run(connection, "planned", preview=True, planned_create=2, selected=4)
    zero = {"code": "price_zero", "severity": "warning", "says": "It goes out at 0.00.", "fix": "Set a price."}
    told = {"code": "told", "severity": "note", "says": "By the way.", "fix": ""}
    _items(run, "planned", "planned", action="create", notes=[zero, told])
    Item.objects.create(run=run, kind="product", record_id="9", label="CAPE", state="blocked", notes=[zero])

    page = f"/runs/{run.pk}/"
    text = _text(operator, page)

    assert "Worth a look" in text
    assert "and 1 more like it" in text
    assert [(remark.code, remark.count) for remark in operator.get(page).context["remarks"]] == [("price_zero", 2)]
    assert _labels(operator.get(f"{page}?remark=price_zero")) == ["COAT-000", "COAT-001"]


def test_an_item_opens_to_its_own_exchanges(operator: Client, connection: Connection) -> None:
    run = _run(connection, "problems", selected=2, failed=2)
    mine, other = _items(run, "failed", "failed", payload={"code": "COAT"})
    for item, body in ((mine, '{"qty":7}'), (other, '{"qty":8}')):
        Exchange.objects.create(
            connection=connection,
            run=run,
            item_ids=[item.pk],
            method="PUT",
            url="https://api.example/stock?token=***",
            status=422,
            started_at=timezone.now(),
            milliseconds=1234,
            request_headers={"Authorization": "***"},
            request_body=body,
            response_body="not <json>",
        )

    text = operator.get(f"/runs/{run.pk}/items/{mine.pk}/").content.decode()

    assert "PUT" in text
    assert "1,234 ms" in text
    assert "Authorization" in text
    assert "&quot;qty&quot;: 7" in text
    assert "not &lt;json&gt;" in text
    assert "&quot;qty&quot;: 8" not in text


def test_an_imported_item_shows_what_was_received(operator: Client, connection: Connection) -> None:
    record = InboxRecord.objects.create(
        connection=connection, kind="order", remote_id="7", content_hash="a", payload={"po": "4711"}
    )
    run = _run(connection, "done", selected=1, created=1)
    (item,) = _items(run, "created", inbox=record)

    assert "4711" in _text(operator, f"/runs/{run.pk}/items/{item.pk}/")


def test_a_failed_run_says_why_and_what_helps(operator: Client, connection: Connection) -> None:
    run = _run(connection, "failed", reason_code="x", says="The key has expired.", fix="Make a new one.")

    text = _text(operator, f"/runs/{run.pk}/")

    assert "The key has expired." in text
    assert "Make a new one." in text


def test_a_plan_says_what_it_would_do_and_take_and_is_approved(operator: Client, connection: Connection) -> None:
    run = _run(
        connection,
        "planned",
        preview=True,
        selected=2,
        planned_create=1,
        planned_update=1,
        planned_calls=1240,
        planned_seconds=300,
    )
    [create] = _items(run, "planned", action="create")
    update = Item.objects.create(run=run, kind="product", record_id="x", label="X", action="update")

    text = _text(operator, f"/runs/{run.pk}/")
    assert "<b>1</b></a> would be created and" in text
    assert "<b>1</b></a> updated on Galerie Invisible" in text
    for action, item in (("create", create), ("update", update)):
        assert operator.get(f"/runs/{run.pk}/?action={action}").context["lines"][0].row == item
    assert "in 1,240 calls and about 5 minutes" in text
    assert "<b>0</b> created" not in text, "of a plan only what there is of"
    assert "New there:" in text

    operator.post(f"/runs/{run.pk}/approve/")
    run.refresh_from_db()
    assert (run.state, str(run.approved_by)) == (Run.State.QUEUED, "Operator")


@pytest.mark.parametrize(("task", "where"), [("orders", "in the books"), ("sheet", "in a file")])
def test_a_plan_says_where_it_would_write(operator: Client, connection: Connection, task: str, where: str) -> None:
    run = Run.objects.create(
        connection=connection, task=task, preview=True, state="planned", selected=1, planned_create=1
    )

    assert f"<b>1</b></a> would be created {where}." in _text(operator, f"/runs/{run.pk}/")


def test_a_plan_that_only_updates_says_so(operator: Client, connection: Connection) -> None:
    run = _run(connection, "planned", preview=True, selected=1, planned_update=1)

    assert "<b>1</b></a> would be updated on Galerie Invisible." in _text(operator, f"/runs/{run.pk}/")


def test_a_plan_with_nothing_to_do_has_nothing_to_approve(operator: Client, connection: Connection) -> None:
    run = _run(connection, "planned", preview=True, selected=3, unchanged=3)

    text = _text(operator, f"/runs/{run.pk}/")

    assert "Nothing would be written" in text
    assert "Approve the plan" not in text
    assert "Discard the plan" in text


def test_approving_twice_explains_itself(operator: Client, connection: Connection) -> None:
    run = _run(connection, "planned", preview=True)
    operator.post(f"/runs/{run.pk}/approve/")

    answer = operator.post(f"/runs/{run.pk}/approve/", follow=True)

    assert "so there is no plan to approve" in answer.content.decode()


def test_a_queued_run_is_cancelled_at_once(operator: Client, connection: Connection) -> None:
    run = _run(connection, "queued")

    answer = operator.post(f"/runs/{run.pk}/cancel/", follow=True)

    run.refresh_from_db()
    assert run.state == Run.State.CANCELLED
    assert "Cancel</button>" not in answer.content.decode()


def test_a_run_that_a_worker_holds_is_asked_to_stop(operator: Client, connection: Connection) -> None:
    run = _run(connection, "running", lease_until=timezone.now() + datetime.timedelta(seconds=10))

    answer = operator.post(f"/runs/{run.pk}/cancel/", follow=True)

    assert "Cancelling" in answer.content.decode()
    assert "Cancel</button>" not in answer.content.decode()


def test_a_run_that_waits_for_another_of_its_connection_says_so(operator: Client, connection: Connection) -> None:
    first = _run(connection, "running")
    second = Run.objects.create(connection=connection, task="orders")

    assert f'<a href="/runs/{first.pk}/">Run {first.pk}</a> of this connection goes first.' in _text(
        operator, f"/runs/{second.pk}/"
    )


@pytest.mark.parametrize("state", ["queued", "planning", "running"])
def test_progress_is_asked_for_every_second_while_unfinished(
    operator: Client, connection: Connection, state: str
) -> None:
    run = _run(connection, state)

    answer = operator.get(f"/runs/{run.pk}/progress/?was={state}")

    assert 'hx-trigger="every 1s"' in answer.content.decode()
    assert "HX-Trigger" not in answer


@pytest.mark.parametrize("state", ["planned", "done", "problems", "failed", "cancelled"])
def test_progress_stops_when_finished_and_has_the_page_load_anew(
    operator: Client, connection: Connection, state: str
) -> None:
    run = _run(connection, state)

    answer = operator.get(f"/runs/{run.pk}/progress/?was=running")

    assert "hx-trigger" not in answer.content.decode()
    assert "run-changed" in answer["HX-Trigger"]


def test_the_file_of_a_run_is_downloaded(
    operator: Client, connection: Connection, settings: Settings, tmp_path: Path
) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        },
    }
    name = default_storage.save("1/downloads/sheet-7.csv", ContentFile(b"a,b\n"))
    run = _run(connection, "done", file=name)

    assert "Download the file" in _text(operator, f"/runs/{run.pk}/")
    answer = operator.get(f"/runs/{run.pk}/file/")
    assert b"".join(answer.streaming_content) == b"a,b\n"
    assert answer["Content-Disposition"] == 'attachment; filename="sheet-7.csv"'


def test_a_run_without_a_file_or_whose_file_is_gone_has_none_to_download(
    operator: Client, connection: Connection
) -> None:
    for file in ("", "1/downloads/gone.csv"):
        run = _run(connection, "done", file=file)
        assert operator.get(f"/runs/{run.pk}/file/").status_code == 404


def test_the_number_of_queries_does_not_grow(
    operator: Client, connection: Connection, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    run = _run(connection, "problems", selected=40, failed=40)
    _items(run, *["failed"] * 40, says="Why.", changes=[{"field": "a", "old": "1", "new": "2"}])

    with django_assert_num_queries(13):
        operator.get(f"/runs/{run.pk}/")
    with django_assert_num_queries(6):
        operator.get(f"/runs/{run.pk}/progress/?was=problems")


def test_a_run_whose_items_were_tidied_away_says_so_and_keeps_its_numbers(
    operator: Client, connection: Connection
) -> None:
    run = _run(connection, "done", selected=5, created=5, items_tidied_at=timezone.now())

    for address in (f"/runs/{run.pk}/", f"/runs/{run.pk}/?show=created"):
        text = _text(operator, address)
        assert "<b>5</b> created" in text
        assert "The items of this run were kept until" in text


def _file(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode()


def test_selected_items_are_taken_out_and_none_of_another_run(operator: Client, connection: Connection) -> None:
    run, other = _run(connection, "problems", selected=3), _run(connection, "problems", selected=1)
    first, second, _ = _items(run, "failed", "failed", "created", changes=[{"field": "name", "old": "A", "new": "B"}])
    theirs = Item.objects.create(run=other, kind="product", record_id="1", label="OTHER")
    page = f"/runs/{run.pk}/"

    ticked = _file(operator.post(page, {"do": "csv", "pick": [first.pk, theirs.pk]}))
    failed = _file(operator.post(f"{page}?show=failed", {"do": "csv", "all": "yes", "pick": first.pk}))

    assert "COAT-000" in ticked
    assert "name: A -> B" in ticked
    assert "OTHER" not in ticked
    assert [label in failed for label in ("COAT-000", second.label, "COAT-002")] == [True, True, False]


def test_items_are_narrowed_by_what_their_name_begins_with_and_by_reason(
    operator: Client, connection: Connection
) -> None:
    run = _run(connection, "problems", selected=3)
    _items(run, "blocked", "blocked", "created", reason_code="no_barcode", says="Why.")
    Item.objects.create(run=run, kind="product", record_id="x", label="HAT", state="blocked", reason_code="no_price")

    assert _labels(operator.get(f"/runs/{run.pk}/?q=ha")) == ["HAT"]
    assert _labels(operator.get(f"/runs/{run.pk}/?reason=no_price&show=blocked")) == ["HAT"]


def test_behind_an_item_is_what_was_said_of_it_and_how_it_is_done_again(
    operator: Client, connection: Connection
) -> None:
    run = Run.objects.create(connection=connection, task="catalogue", state="problems", selected=1, failed=1)
    (item,) = _items(run, "failed", says="The shop refused it.", payload={"a": 1})

    answer = operator.get(f"/runs/{run.pk}/items/{item.pk}/", headers={"HX-Request": "true"})
    text = " ".join(answer.content.decode().split())

    assert "<html" not in text
    assert "The shop refused it." in text
    assert f'formaction="/runs/{run.pk}/items/{item.pk}/again/"' in text
    assert "<form" not in text, "it stands within the form of the list"


@pytest.mark.parametrize(("state", "live"), [("running", True), ("planned", False), ("done", False)])
def test_the_list_goes_on_by_itself_while_the_run_does(
    operator: Client, connection: Connection, state: str, live: bool
) -> None:
    run = _run(connection, state, selected=1)
    _items(run, "created")

    assert ("data-live" in _text(operator, f"/runs/{run.pk}/")) is live


class _Compared(Comparison):
    kind = "product"
    also = {"stray": ""}

    def compare(self) -> AsyncIterator[Sequence[Compared]]:
        raise NotImplementedError


@pytest.fixture
def checked(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run of a task that only compares: five records agree, of two others one is not in the books."""
    check = Task(key="check", name="Account check", direction=Direction.CHECK, help="", legs=(_Compared,))
    platform = replace(MADE_UP, tasks=(*MADE_UP.tasks, check))
    monkeypatch.setattr(registry, "platforms", lambda: {"made-up": platform})
    run = Run.objects.create(
        connection=connection, task="check", state="problems", selected=7, unchanged=5, agreed=5, blocked=2
    )
    told = {"state": "blocked", "reason_code": "elsewhere", "says": "It is elsewhere there."}
    coat = Product.objects.create(code="COAT", style="COAT", colour="Black", name="Coat")
    Item.objects.create(run=run, kind="product", record_id=str(coat.pk), label="COAT", **told)
    Item.objects.create(run=run, kind="stray", record_id=f"there:{coat.pk}", label="A stray", **told)
    return run


def test_a_comparison_says_what_agrees_and_what_does_not_match(operator: Client, checked: Run) -> None:
    text = _text(operator, f"/runs/{checked.pk}/")

    assert "<b>5</b> agree" in text
    assert "<b>2</b> do not match" in text
    assert "5 records that agree are counted, and not listed here." in text
    assert "Does not match" in text
    for word in ("created", "unchanged", "blocked", "Planned: all", "Preview"):
        assert f">{word}<" not in text
        assert f"</b> {word}" not in text
    unlisted = _text(operator, f"/runs/{checked.pk}/?show=unchanged")
    assert "Records that agree are counted and not listed." in unlisted


def test_an_item_that_does_not_match_leads_to_its_record_and_is_compared_again(
    operator: Client, checked: Run, connection: Connection
) -> None:
    Connection.objects.update(settings={"season": None})
    ours, stray = checked.items.order_by("pk")

    text = _text(operator, f"/runs/{checked.pk}/items/{ours.pk}/")
    assert f'href="/products/{ours.record_id}/">Open in the books' in text
    assert "Compare it again" in text
    assert "Send it now" not in text
    assert "Open in the books" not in _text(operator, f"/runs/{checked.pk}/items/{stray.pk}/")

    operator.post(f"/runs/{checked.pk}/items/{stray.pk}/again/", {"how": "now"})
    again = Run.objects.latest("pk")
    assert (again.task, again.only_kind, again.only_record) == ("check", "stray", stray.record_id)


def test_a_task_that_only_compares_is_run_and_not_previewed(
    operator: Client, checked: Run, connection: Connection
) -> None:
    text = _text(operator, f"/connections/{connection.pk}/")

    assert 'Run <span class="hidden">Account check</span>' in text
    assert 'Preview <span class="hidden">Account check</span>' not in text
    assert "<b>2</b> do not match" in text
    assert "<b>2</b> do not match" in _text(operator, f"/connections/{connection.pk}/activity/")


def test_while_it_compares_a_run_says_how_far_it_is(operator: Client, checked: Run) -> None:
    Run.objects.update(state="running", finished_at=None)

    assert "Comparing, 7 so far." in _text(operator, f"/runs/{checked.pk}/")
