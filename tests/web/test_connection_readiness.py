"""Readiness of a connection: causes with their counts, the records behind them, and files that mend many at once."""

import asyncio
import csv
import datetime
import io
from pathlib import Path

import pytest
from django.db import connection as database
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext

from linesheet.books.barcodes import gtin
from linesheet.books.files.importing import import_file
from linesheet.books.models import SKU, Company, Customer
from linesheet.platforms.nuorder.platform import PLATFORM
from linesheet.sync import readiness, registry
from linesheet.sync.models import Finding, Look
from tests.platforms.nuorder.conftest import Books, filled
from tests.web.conftest import ClientOf

HOUR = datetime.timedelta(hours=1)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def books(company: Company, monkeypatch: pytest.MonkeyPatch) -> Books:
    monkeypatch.setattr(registry, "platforms", lambda: {"nuorder": PLATFORM})
    return filled(company)


def _looked(books: Books) -> Look:
    look = readiness.ask(books.connection)
    asyncio.run(readiness.look_through(look.pk, look.company_id))
    look.refresh_from_db()
    return look


def _text(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def _rows(client: Client, address: str) -> list[dict[str, str]]:
    content = b"".join(client.get(address).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(content)))


def test_before_anybody_looked_the_page_says_what_a_look_does(operator: Client, books: Books) -> None:
    text = _text(operator, f"/connections/{books.connection.pk}/readiness/")

    assert "Nobody has looked yet." in text
    assert "Look now" in text


def test_asking_has_a_worker_look_and_the_page_follows_it(operator: Client, books: Books) -> None:
    page = f"/connections/{books.connection.pk}/readiness/"

    operator.post(page)
    operator.post(page)

    assert Look.objects.count() == 1
    text = _text(operator, page)
    assert "Waiting for a worker" in text
    assert 'hx-trigger="every 2s"' in text


def test_the_page_looks_by_itself_when_it_is_opened_for_the_first_time(operator: Client, books: Books) -> None:
    page = f"/connections/{books.connection.pk}/readiness/"

    assert 'hx-trigger="load, submit"' in _text(operator, page)
    assert not Look.objects.exists()


def test_the_page_says_whether_something_changed_since_and_looks_again(operator: Client, books: Books) -> None:
    page = f"/connections/{books.connection.pk}/readiness/"
    _looked(books)
    assert "nothing changed since" in _text(operator, page)

    books.product("COAT-BLACK")
    text = _text(operator, page)
    assert "something changed since; it is looked at again by itself soon" in text
    assert 'hx-trigger="load, submit"' not in text

    Look.objects.update(asked_at=F("asked_at") - HOUR, done_at=F("done_at") - HOUR)
    assert 'hx-trigger="load, submit"' in _text(operator, page)


def test_a_hundred_thousand_findings_are_sent_as_they_are_read(operator: Client, books: Books) -> None:
    books.product("DRESS-RED")
    look = _looked(books)
    Finding.objects.bulk_create(
        Finding(
            look=look, task="data-export", kind="product", of="product", record_id=f"x{number}",
            label=f"P{number}", reason_code="not_published", severity="blocker", says="Why.",
        )
        for number in range(5000)
    )  # fmt: skip
    address = f"/connections/{books.connection.pk}/readiness/file/?reason=not_published&of=product"

    with CaptureQueriesContext(database) as captured:
        answer = operator.get(address)
        pieces = iter(answer.streaming_content)  # type: ignore[attr-defined]
        next(pieces), next(pieces)
        read = len([each for each in captured if "sync_finding" in each["sql"]])
        rest = b"".join(pieces)

    assert read == 1
    assert rest.count(b"\n") > 4000


def test_each_cause_is_a_line_that_leads_to_its_records(operator: Client, books: Books) -> None:
    for code in ("COAT-BLACK", "COAT-NAVY"):
        books.product(code, barcodes=False)
    books.product("DRESS-RED", price=None)
    Customer.objects.create(name="Maison Rive")
    _looked(books)
    page = f"/connections/{books.connection.pk}/readiness/"

    text = _text(operator, page)
    assert "<b>3</b> of 3 products held back" in text
    assert "<b>1</b> of 1 customer held back" in text
    assert f'{page}records/?reason=no_barcode&amp;of=product">2</a>' in text
    records = _text(operator, f"{page}records/?reason=no_barcode&of=product")
    assert "COAT-BLACK" in records
    assert "DRESS-RED" not in records


def test_barcodes_go_out_empty_come_back_filled_in_and_mend_the_cause(
    operator: Client, books: Books, tmp_path: Path
) -> None:
    books.product("COAT-BLACK", barcodes=False)
    _looked(books)
    rows = _rows(operator, f"/connections/{books.connection.pk}/readiness/file/?reason=no_barcode&of=product")
    assert [(row["Product code"], row["Size"], row["Barcode"]) for row in rows] == [
        ("COAT-BLACK", "S", ""),
        ("COAT-BLACK", "M", ""),
    ]

    for row, barcode in zip(rows, ("5601000000004", "5601000000011"), strict=True):
        row["Barcode"] = barcode
    with (tmp_path / "mended.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    import_file("barcodes", tmp_path / "mended.csv")

    assert set(SKU.objects.values_list("gtin", flat=True)) == {gtin("5601000000004"), gtin("5601000000011")}
    assert not any(
        cause.stops
        for cause in readiness.causes_of(_looked(books))
        if cause.of == "product" and cause.code == "no_barcode"
    )


@pytest.mark.parametrize(
    ("code", "of", "columns"),
    [
        ("no_price", "product", {"Product code": "DRESS-RED", "Season": "SS26", "Currency": "EUR", "Amount": ""}),
        ("customer_without_currency", "customer", {"Customer name": "Maison Rive", "Currency": ""}),
        ("not_published", "product", {"Record": "DRESS-RED"}),
    ],
)
def test_every_cause_goes_out_in_the_columns_in_which_it_comes_back(
    operator: Client, books: Books, code: str, of: str, columns: dict[str, str]
) -> None:
    books.product("DRESS-RED", price=None if code == "no_price" else "100")
    Customer.objects.create(name="Maison Rive")
    _looked(books)

    (row,) = _rows(operator, f"/connections/{books.connection.pk}/readiness/file/?reason={code}&of={of}")

    assert {name: row[name] for name in columns} == columns


def test_a_cause_that_was_not_found_has_no_file(operator: Client, books: Books) -> None:
    _looked(books)

    assert operator.get(f"/connections/{books.connection.pk}/readiness/file/?reason=nonsense").status_code == 404


def test_who_may_not_run_it_reads_and_does_not_ask(client_of: ClientOf, books: Books) -> None:
    page = f"/connections/{books.connection.pk}/readiness/"

    assert "Look now" not in _text(client_of("viewer"), page)
    assert client_of("viewer").post(page).status_code == 403
    assert not Look.objects.exists()
