"""Activity: every run and call, what is behind each, and doing again what was done."""

import csv
import datetime
import io
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from linesheet.books.models import Company, Product
from linesheet.books.tenancy import acting_for
from linesheet.sync.models import Connection, Exchange, InboxRecord, Item, Run
from linesheet.web.activity import files
from tests.web.conftest import ClientOf


def _run(connection: Connection, task: str = "stock", state: str = "done", **more: Any) -> Run:
    return Run.objects.create(connection=connection, task=task, state=state, **more)


def _item(run: Run, label: str, **more: Any) -> Item:
    return Item.objects.create(run=run, kind="product", record_id=label, label=label, **more)


def _call(connection: Connection, run: Run | None = None, **more: Any) -> Exchange:
    given = {"method": "PUT", "url": "https://api.example/products", "status": 200, "started_at": timezone.now()}
    return Exchange.objects.create(connection=connection, run=run, **(given | more))


def _shown(client: Client, address: str, query: dict[str, Any] | None = None) -> list[int]:
    return [line.pk for line in client.get(address, query or {}).context["lines"]]


def _text(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


@pytest.fixture
def page(connection: Connection) -> str:
    return f"/connections/{connection.pk}/activity/"


def test_runs_are_listed_newest_first_with_task_direction_status_and_result(
    operator: Client, connection: Connection, page: str
) -> None:
    first = _run(connection, "orders", selected=3, created=2, blocked=1, state="problems")
    second = _run(connection, "sheet", file="1/downloads/sheet-1.csv")

    assert _shown(operator, page) == [second.pk, first.pk]
    text = _text(operator, page)
    for said in ("Orders import", "Line sheet file", ">In<", ">File<", "Done with problems", "<b>2</b> created"):
        assert said in text
    assert f'href="/runs/{second.pk}/file/"' in text


def test_runs_are_narrowed_by_direction_task_status_and_day(
    operator: Client, connection: Connection, page: str
) -> None:
    orders, stock = _run(connection, "orders"), _run(connection, "stock", state="failed")
    Run.objects.filter(pk=orders.pk).update(queued_at=timezone.now() - datetime.timedelta(days=3))
    today = str(timezone.localdate())

    assert _shown(operator, page, {"direction": "in"}) == [orders.pk]
    assert _shown(operator, page, {"task": "stock"}) == [stock.pk]
    assert _shown(operator, page, {"state": "failed"}) == [stock.pk]
    assert _shown(operator, page, {"from": today}) == [stock.pk]
    assert _shown(operator, page, {"from": today, "to": today}) == [stock.pk]
    assert _shown(operator, page, {"to": str(timezone.localdate() - datetime.timedelta(days=2))}) == [orders.pk]
    assert len(_shown(operator, page, {"to": "9999-12-31"})) == 2
    assert _shown(operator, page, {"from": "no day"}) == []


def test_runs_are_found_by_their_number_and_by_the_records_in_them(
    operator: Client, connection: Connection, page: str
) -> None:
    one, other, third = (_run(connection) for _ in range(3))
    _item(one, "COAT-BLK")
    record = InboxRecord.objects.create(
        connection=connection, kind="order", remote_id="7", content_hash="h", label="GI-77", payload={}
    )
    Item.objects.create(run=other, kind="order", record_id="7", label="Galerie order GI-77", inbox=record)

    assert _shown(operator, page, {"q": "coat"}) == [one.pk]
    assert _shown(operator, page, {"q": "gi-77"}) == [other.pk]
    assert _shown(operator, page, {"q": str(third.pk)}) == [third.pk]
    assert _shown(operator, page, {"q": "BLK"}) == []


def test_behind_a_run_are_its_reasons_with_counts_and_its_calls(operator: Client, connection: Connection) -> None:
    run = _run(connection, state="problems", selected=4, created=1, blocked=2, failed=1, calls=1)
    _item(run, "A", state="created")
    for label in ("B", "C"):
        _item(
            run, label, state="blocked", reason_code="no_barcode", says=f"{label} has no barcode.", fix="Give it one."
        )
    _item(run, "D", state="failed", reason_code="refused", says="Refused D.")
    call = _call(connection, run, request_body='{"a": 1}')

    answer = operator.get(f"/runs/{run.pk}/details/", headers={"HX-Request": "true"})
    text = " ".join(answer.content.decode().split())

    assert "<html" not in text
    assert [(group.reason_code, group.count) for group in answer.context["groups"]] == [
        ("no_barcode", 2),
        ("refused", 1),
    ]
    assert "B has no barcode." in text
    assert "and 1 more like it" in text
    assert f'hx-get="/calls/{call.pk}/"' in text
    assert "<html" in _text(operator, f"/runs/{run.pk}/details/")
    items = operator.get(f"/runs/{run.pk}/?show=blocked&reason=no_barcode")
    assert [line.label for line in items.context["lines"]] == ["B", "C"]


def test_what_moved_since_the_plan_is_a_group_of_its_own(operator: Client, connection: Connection) -> None:
    run = _run(connection, state="problems", preview=True, approved_at=timezone.now(), selected=2, blocked=2)
    _item(run, "A", state="blocked", reason_code="moved_in_books", says="A changed in the books.")
    _item(run, "B", state="blocked", reason_code="no_barcode", says="B has no barcode.")

    answer = operator.get(f"/runs/{run.pk}/")

    assert "Moved since the plan was made" in answer.content.decode()
    assert [group.reason_code for group in answer.context["moved"]] == ["moved_in_books"]
    assert [group.reason_code for group in answer.context["groups"]] == ["no_barcode"]


def test_the_details_of_the_selected_runs_come_as_csv(operator: Client, connection: Connection, page: str) -> None:
    run, other = _run(connection, selected=1), _run(connection, selected=1)
    changes = [{"field": "price", "old": "1", "new": "2"}]
    _item(run, "=COAT", state="failed", reason_code="refused", says="Refused.", changes=changes)
    _item(other, "OTHER")

    answer = operator.post(page, {"do": "details", "pick": [run.pk]})

    content = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    [row] = csv.DictReader(io.StringIO(content))
    assert (row["Task"], row["State"], row["Reason"]) == ("Stock export", "Failed", "refused")
    assert row["Changes"] == "price: 1 -> 2"
    assert not row["Record"].startswith("=")


def test_more_details_than_a_file_should_have_are_refused_with_what_helps(
    operator: Client, connection: Connection, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_LINES", 1)
    run = _run(connection)
    _item(run, "A")
    _item(run, "B")

    answer = operator.post(page, {"do": "details", "pick": [run.pk]}, follow=True)

    assert "Select fewer of them" in answer.content.decode()


def test_calls_are_narrowed_by_answer_run_and_what_they_hold(
    operator: Client, connection: Connection, page: str
) -> None:
    run = _run(connection)
    good = _call(connection, run, method="GET", url="https://api.example/orders/7")
    refused, failed, silent = (
        _call(connection, status=status, error="" if status else "timed out") for status in (404, 503, None)
    )

    assert _shown(operator, f"{page}calls/") == [silent.pk, failed.pk, refused.pk, good.pk]
    for query, found in (
        ({"q": "get"}, [good]),
        ({"answer": "good"}, [good]),
        ({"answer": "trouble"}, [silent, failed, refused]),
        ({"answer": "refused"}, [refused]),
        ({"answer": "failed"}, [failed]),
        ({"answer": "none"}, [silent]),
        ({"run": str(run.pk)}, [good]),
        ({"q": "orders/7"}, [good]),
        ({"q": "timed"}, [silent]),
        ({"run": "x"}, []),
    ):
        assert _shown(operator, f"{page}calls/", query) == [call.pk for call in found], query


def test_a_list_too_long_to_count_says_that_there_are_more(
    operator: Client, connection: Connection, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("linesheet.web.activity.calls.MOST_COUNTED", 2)
    for _ in range(3):
        _call(connection)

    assert "<b>2+</b> calls" in _text(operator, f"{page}calls/")


def test_a_call_shows_what_was_sent_and_answered_on_many_lines(operator: Client, connection: Connection) -> None:
    call = _call(connection, request_headers={"Authorization": "***"}, response_body='{"id":1}')

    text = operator.get(f"/calls/{call.pk}/", headers={"HX-Request": "true"}).content.decode()

    assert "***" in text
    assert "{\n  &quot;id&quot;: 1\n}" in text


def test_the_bodies_of_the_selected_calls_come_as_csv(operator: Client, connection: Connection, page: str) -> None:
    call = _call(connection, request_body='{"a": 1}')
    _call(connection)

    answer = operator.post(f"{page}calls/", {"do": "details", "pick": [call.pk]})

    content = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    [row] = csv.DictReader(io.StringIO(content))
    assert (row["Method"], row["Sent"]) == ("PUT", '{"a": 1}')


def test_a_run_is_run_again_by_whom_it_says(operator: Client, connection: Connection) -> None:
    run = _run(connection)

    answer = operator.post(f"/runs/{run.pk}/again/")

    new = Run.objects.get(replay_of=run)
    assert answer["Location"] == f"/runs/{new.pk}/"
    assert (new.task, str(new.requested_by)) == ("stock", "Operator")
    assert f'<a href="/runs/{run.pk}/">run {run.pk}</a>' in _text(operator, f"/runs/{new.pk}/")


@pytest.mark.parametrize(
    ("how", "as_sent", "preview"), [("as-sent", "f", False), ("now", "", False), ("preview", "", True)]
)
def test_an_item_is_sent_as_it_was_or_as_the_books_have_it_now(
    operator: Client, connection: Connection, how: str, as_sent: str, preview: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "linesheet.sync.runs.legs_of", lambda *of: [type("Leg", (), {"kinds": lambda: {"product": "product"}})]
    )
    item = _item(_run(connection), "COAT", state="created", payload={"a": 1}, fingerprint="f")

    operator.post(f"/runs/{item.run_id}/items/{item.pk}/again/", {"how": how})

    new = Run.objects.get(replay_of=item.run)
    assert (new.only_kind, new.only_record, new.as_sent, new.preview) == ("product", "COAT", as_sent, preview)


def test_a_viewer_replays_nothing(client_of: ClientOf, connection: Connection) -> None:
    item = _item(_run(connection), "COAT", state="failed", payload={"a": 1})
    viewer = client_of("viewer")

    for address in (f"/runs/{item.run_id}/", f"/runs/{item.run_id}/items/{item.pk}/"):
        assert "again/" not in _text(viewer, address)
        assert viewer.post(f"{address}again/").status_code == 403


def test_nothing_of_another_company_is_reached(operator: Client, page: str) -> None:
    other = Company.objects.create(name="Second House", slug="second")
    with acting_for(other):
        theirs = Connection.objects.create(platform="made-up", name="Rome", base_url="https://api.example")
        run = _run(theirs)
        item = _item(run, "COAT")
        call = _call(theirs, run)
        record = InboxRecord.objects.create(
            connection=theirs, kind="order", remote_id="1", content_hash="h", payload={}
        )

    for address in (
        f"/connections/{theirs.pk}/activity/",
        f"/connections/{theirs.pk}/activity/calls/",
        f"/connections/{theirs.pk}/orders/",
        f"/calls/{call.pk}/",
        f"/inbox/{record.pk}/",
        f"/runs/{run.pk}/details/",
    ):
        assert operator.get(address).status_code == 404, address
    for address in (
        f"/runs/{run.pk}/again/",
        f"/runs/{run.pk}/items/{item.pk}/again/",
        f"/inbox/{record.pk}/resolve/",
    ):
        assert operator.post(address).status_code == 404, address


def test_progress_is_spoken_of_once_a_quarter(operator: Client, connection: Connection) -> None:
    run = _run(connection, state="running", selected=100, created=30)

    address = f"/runs/{run.pk}/progress/?was=running"
    assert 'id="aloud"' in _text(operator, f"{address}&told=0")
    assert 'id="aloud"' not in _text(operator, f"{address}&told=1")


def test_an_item_leads_to_its_record_in_the_books(operator: Client, company: Company, connection: Connection) -> None:
    product = Product.objects.create(code="COAT", style="COAT", colour="Black", name="Coat")
    item = Item.objects.create(run=_run(connection), kind="product", record_id=str(product.pk), label="COAT")

    assert operator.get(f"/runs/{item.run_id}/items/{item.pk}/").status_code == 200
