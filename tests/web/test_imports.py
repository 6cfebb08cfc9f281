"""Bringing a file into the books, page by page, with a real worker behind them."""

import datetime
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer
from xlsxwriter import Workbook

from linesheet.books import imports
from linesheet.books.files.importing import IMPORTERS
from linesheet.books.models import ColumnMapping, Company, Import, ImportRow, PriceList, Product, Season
from linesheet.books.tenancy import acting_for
from linesheet.web import importing
from tests.accessibility import violations
from tests.processes import Workers, empty_queue, until
from tests.web.conftest import ClientOf

PRODUCTS = (
    "Style;Colour;Product title;Size;EAN;WSP EUR\n"
    "Coat;Black;Winter coat;M;4006381333931;120,00\n"
    "Coat;Black;Winter coat;L;4006381333932;120,00\n"
    "Scarf;Red;Scarf;One;;\n"
)


@pytest.fixture
def editor(client_of: ClientOf) -> Client:
    return client_of("editor")


@pytest.fixture
def season(company: Company) -> Season:
    PriceList.objects.create(name="Wholesale", kind="wholesale")
    made: Season = Season.objects.create(name="AW26", starts_on=datetime.date(2026, 7, 1))
    return made


@pytest.fixture
def worker() -> Iterator[Workers]:
    empty_queue()
    workers = Workers("-m", "tests.sync.toy_worker")
    workers.start()
    yield workers
    workers.end()


def upload(client: Client, content: str | bytes = PRODUCTS, name: str = "range.csv", **fields: str) -> str:
    """Upload a file; the page one is sent to."""
    raw = content.encode() if isinstance(content, str) else content
    answer = client.post("/imports/", {"file": SimpleUploadedFile(name, raw), **fields})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def seen(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def settled(client: Client, address: str) -> str:
    """The page of an import once no worker is at it."""
    until(lambda: not Import.objects.filter(state__in=Import.AT_WORK).exists())
    return seen(client, address)


@pytest.mark.django_db(transaction=True)
def test_a_file_goes_in_after_it_was_seen_what_would_happen_and_out_again(
    editor: Client, season: Season, worker: Workers
) -> None:
    columns = upload(editor)
    shown = seen(editor, columns)
    assert "Winter coat" in shown
    assert '<option value="name"' in shown

    form = {"kind": "products", "season": "AW26", "save_mapping_as": "Studio"}
    fields = ["style", "colour", "name", "size", "barcode", "Wholesale:EUR"]
    answer = editor.post(columns, form | {f"column-{at}": name for at, name in enumerate(fields)})
    address = answer["Location"]
    report = settled(editor, address)

    assert "<b>2</b> created" in report
    assert "<b>1</b> refused" in report
    assert "4006381333932 is mistyped somewhere" in report
    assert "Import 2 rows" in report
    assert not Product.objects.exists()
    refused = b"".join(editor.get(f"{address}refused.csv")).decode("utf-8-sig").splitlines()  # type: ignore[arg-type]
    assert refused[0] == "Style,Colour,Product title,Size,EAN,WSP EUR,Row in the file,Why refused,What helps"
    assert refused[1].startswith('Coat,Black,Winter coat,L,4006381333932,"120,00",3,"4006381333932 is mistyped')
    assert len(refused) == 2

    editor.post(f"{address}bring-in/")
    done = settled(editor, address)

    assert "What happened" in done
    assert sorted(each.style for each in Product.objects.all()) == ["Coat", "Scarf"]
    assert ColumnMapping.objects.get().name == "Studio"
    assert f'action="{address}undo/"' in done

    editor.post(f"{address}undo/")
    undone = settled(editor, address)

    assert not Product.objects.exists()
    assert "What it had brought in was taken back by Editor" in " ".join(undone.split())
    assert "Was created</span>" in undone
    assert "badge--good" not in undone.partition("<main")[2]
    assert "Undo this import" not in undone
    assert "Undone</span>" in seen(editor, "/imports/")


@pytest.mark.parametrize("kind", IMPORTERS)
@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_an_example_file_can_be_had_and_is_known_for_what_it_is(
    editor: Client, season: Season, kind: str, format: str
) -> None:
    Product.objects.create(code="HAT", style="Hat", colour="Red", name="Hat")

    answer = editor.get(f"/imports/templates/{kind}.{format}")
    assert answer["Content-Disposition"] == f'attachment; filename="{kind}.{format}"'

    upload(editor, answer.content, f"{kind}.{format}")

    assert Import.objects.get().kind == kind


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.csv", b"", "empty.csv"),
        ("header.csv", b"Style,Colour\n", "header.csv"),
        ("brochure.pdf", b"%PDF-1.7 ...", "it is a PDF"),
        ("broken.xlsx", b"PK\x03\x04 and then nothing", "broken.xlsx"),
        ("twins.csv", b"Style,style\nA,B\n", "style"),
        ("zeros.csv", b"\0\0\0\0\0\0\0\0", "zeros.csv"),
        ("pages.csv", b"\x1f\x8b\x08\x00", "gzip"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence_and_nothing_is_kept(
    editor: Client, company: Company, name: str, content: bytes, says: str
) -> None:
    answer = editor.post("/imports/", {"file": SimpleUploadedFile(name, content)})

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Import.objects.exists()
    assert not default_storage.exists("imports") or not any(
        default_storage.exists(f"imports/{folder}/{name}") for folder in default_storage.listdir("imports")[0]
    )


def test_no_file_is_asked_for(editor: Client, company: Company) -> None:
    answer = editor.post("/imports/", {})

    assert answer.status_code == 422
    assert "Choose a file first." in answer.content.decode()


def test_a_file_that_is_too_large_is_refused(editor: Client, company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linesheet.web.uploads.MOST_BYTES", 1000)
    monkeypatch.setattr(imports, "MOST_BYTES", 1000)

    answer = editor.post("/imports/", {"file": SimpleUploadedFile("big.csv", b"Style,Colour\n" + b"A,B\n" * 5000)})

    assert answer.status_code == 422
    assert "larger than" in answer.content.decode()
    assert not Import.objects.exists()


def test_names_of_files_are_made_harmless(editor: Client, season: Season) -> None:
    upload(editor, name='..\\..\\"><script>\n.csv')

    imported = Import.objects.get()
    assert "<" not in imported.file_name
    assert "/" not in imported.file_name
    assert imported.file_name.endswith(".csv")
    with imports.local_file(imported) as path:
        assert path.name == imported.file_name


def test_a_file_whose_columns_tell_nothing_is_asked_about(editor: Client, season: Season) -> None:
    columns = upload(editor, "Alpha,Beta\n1,2\n")

    assert "Its columns do not tell what is in it." in seen(editor, columns)
    shown = seen(editor, f"{columns}?kind=stock")
    assert "Still needed" in shown
    answer = editor.post(columns, {"kind": "stock", "column-0": "barcode", "column-1": ""})
    assert answer.status_code == 422
    assert '<option value="barcode" selected' in " ".join(answer.content.decode().split())


def test_a_field_cannot_stand_in_two_columns(editor: Client, season: Season) -> None:
    columns = upload(editor)

    answer = editor.post(columns, {"kind": "products", "column-0": "style", "column-1": "style"})

    assert answer.status_code == 422
    assert "style" in answer.content.decode()
    assert Import.objects.get().state == "uploaded"


def test_a_saved_mapping_is_offered_and_used(editor: Client, season: Season) -> None:
    ColumnMapping.objects.create(kind="products", name="Studio", columns={"Product title": "category", "EAN": ""})
    columns = upload(editor)

    shown = " ".join(seen(editor, f"{columns}?kind=products&mapping=Studio").split())

    assert 'aria-label="What Product title stands for"' in shown
    assert '<option value="category" selected' in shown
    assert '<option value="barcode" selected' not in shown


def test_another_sheet_of_a_workbook_can_be_taken(editor: Client, season: Season) -> None:
    content = BytesIO()
    with Workbook(content) as book:
        notes = book.add_worksheet("Notes")
        notes.write_row(0, 0, ["Please", "read"])
        notes.write_row(1, 0, ["this", "first"])
        rows = book.add_worksheet("Range")
        rows.write_row(0, 0, ["Style", "Colour"])
        rows.write_row(1, 0, ["Coat", "Black"])
    columns = upload(editor, content.getvalue(), "range.xlsx")
    assert "Take this sheet" in seen(editor, columns)

    shown = editor.post(columns.replace("columns", "sheet"), {"sheet": "Range"}, follow=True).content.decode()

    assert "Coat" in shown
    assert Import.objects.get().sheet == "Range"


@pytest.mark.django_db(transaction=True)
def test_a_product_export_of_shopify_is_known_and_goes_in(editor: Client, season: Season, worker: Workers) -> None:
    columns = upload(editor, SHOPIFY)

    shown = seen(editor, columns)
    assert "This is a product export of Shopify" in shown
    assert "Still needed" not in shown

    address = editor.post(columns, {"kind": "products", "season": "AW26"})["Location"]
    assert "<b>1</b> created" in settled(editor, address)
    editor.post(f"{address}bring-in/")
    assert "What happened" in settled(editor, address)
    assert [(product.style, product.name) for product in Product.objects.all()] == [("coat", "Coat")]


SHOPIFY = (
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Price,"
    "Variant Barcode,Image Src\ncoat,Coat,<p>Warm</p>,Nord,Coats,,true,Size,M,C-M,120.00,4006381333931,\n"
)


def test_an_upload_can_be_discarded(
    editor: Client, season: Season, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    columns = upload(editor)
    stored = Import.objects.get().stored
    assert default_storage.exists(stored)

    with django_capture_on_commit_callbacks(execute=True):
        shown = editor.post(columns.replace("columns", "discard"), follow=True).content.decode()

    assert "range.csv was discarded" in shown
    assert not Import.objects.exists()
    assert not default_storage.exists(stored)


@pytest.mark.django_db(transaction=True)
def test_a_check_is_cancelled_from_its_page_and_can_be_made_again(editor: Client, season: Season) -> None:
    empty_queue()
    columns = upload(editor)
    fields = ["style", "colour", "name", "size", "barcode", "Wholesale:EUR"]
    form = {"kind": "products", "season": "AW26"} | {f"column-{at}": name for at, name in enumerate(fields)}
    address = editor.post(columns, form)["Location"]
    assert f'action="{address}cancel/"' in seen(editor, address)

    page = editor.post(f"{address}cancel/", follow=True).content.decode()

    assert "range.csv was cancelled. Nothing of it is in the books." in page
    assert f'action="{address}cancel/"' not in page
    assert "Check again" in page
    again = editor.post(f"{address}cancel/", follow=True).content.decode()
    assert "range.csv is cancelled, so there is nothing to cancel." in again
    assert 'class="badge badge--live">Checking' in editor.post(f"{address}check/", follow=True).content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_page_says_that_a_worker_is_asked_to_stop(editor: Client, season: Season) -> None:
    empty_queue()
    address = upload(editor).replace("columns/", "")
    soon = timezone.now() + datetime.timedelta(minutes=1)
    Import.objects.update(state="importing", total=9, seen=4, lease_until=soon, report={"counts": {"created": 9}})

    page = editor.post(f"{address}cancel/", follow=True).content.decode()

    assert "Cancelling. Nothing of it will be in the books." in page
    assert f'action="{address}cancel/"' not in page


def test_pages_of_rows_follow_each_other(editor: Client, season: Season) -> None:
    upload(editor)
    imported = Import.objects.get()
    Import.objects.update(state="checked", total=120, report={"total": 120, "counts": {"created": 100, "refused": 20}})
    ImportRow.objects.bulk_create(
        ImportRow(of=imported, number=at, state="refused" if at % 6 == 0 else "created", label=f"Row {at}")
        for at in range(2, 122)
    )

    first = seen(editor, f"/imports/{imported.pk}/?show=created")
    assert "Row 61" in first
    assert "Row 60" not in first
    second = seen(editor, f"/imports/{imported.pk}/?show=created&after={imported.rows.get(number=61).pk}")
    assert "Row 121" in second
    assert "Row 60" not in second
    assert "Next page" not in second


@pytest.mark.parametrize("role", ["operator", "viewer"])
def test_who_may_not_change_the_books_may_not_import(
    client_of: ClientOf, editor: Client, season: Season, role: str
) -> None:
    columns = upload(editor)

    other = client_of(role)

    assert 'href="/imports/"' in seen(editor, "/")
    assert 'href="/imports/"' not in seen(other, "/")
    assert other.get("/imports/").status_code == 403
    assert other.post("/imports/", {"file": SimpleUploadedFile("a.csv", b"Style\nA\n")}).status_code == 403
    assert other.get(columns).status_code == 403
    assert Import.objects.count() == 1


def test_another_companys_import_is_not_there(editor: Client, company: Company) -> None:
    with acting_for(Company.objects.create(name="Other", slug="other")):
        theirs = Import.objects.create(file_name="a.csv", stored="imports/x/a.csv", bytes=1)

    for what in ("", "columns/", "progress/", "refused.csv"):
        assert editor.get(f"/imports/{theirs.pk}/{what}").status_code == 404
    for what in ("columns/", "sheet/", "check/", "bring-in/", "undo/", "discard/"):
        assert editor.post(f"/imports/{theirs.pk}/{what}").status_code == 404


def test_every_kind_of_file_has_a_name_and_choices() -> None:
    assert set(importing.KINDS) == set(importing.HOLDS) == set(imports.OPTIONS) == set(IMPORTERS)


def test_a_failed_import_tells_why_and_can_be_tried_again(editor: Client, season: Season) -> None:
    upload(editor)
    imported = Import.objects.get()
    Import.objects.update(state="failed", says="The worker stopped.", fix="Start it again.", kind="products")

    shown = seen(editor, f"/imports/{imported.pk}/")
    assert "The worker stopped." in shown
    assert "Check again" in shown
    editor.post(f"/imports/{imported.pk}/check/")

    imported.refresh_from_db()
    assert imported.state == "checking"
    assert "Waiting for a worker." in seen(editor, f"/imports/{imported.pk}/")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_whole_way_in_the_browser(
    page: Page, live_server: LiveServer, client_of: ClientOf, season: Season, worker: Workers, tmp_path: Path
) -> None:
    name = settings.SESSION_COOKIE_NAME
    cookie = client_of("editor").cookies[name].value
    page.context.add_cookies([{"name": name, "value": cookie, "url": live_server.url}])
    file = tmp_path / "range.csv"
    file.write_text(PRODUCTS)

    page.goto("/imports/")
    assert violations(page) == []
    page.get_by_label("Drop a spreadsheet here").set_input_files(str(file))
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("range.csv")
    assert violations(page) == []
    page.get_by_label("What Product title stands for").select_option("name")
    page.get_by_label("Season").select_option("AW26")
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("heading", name="What would happen")).to_be_visible()
    expect(page.get_by_text("is mistyped somewhere")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name="2 created").click()
    expect(page.get_by_role("search").get_by_label("Outcome")).to_have_value("created")
    expect(page.get_by_role("form", name="Rows").get_by_text("2 rows")).to_be_visible()
    page.get_by_role("button", name="Import 2 rows").click()
    expect(page.get_by_role("heading", name="What happened")).to_be_visible()
    page.get_by_role("button", name="Undo this import").click()
    expect(page.get_by_text("Taken back by Editor")).to_be_visible()
    assert not Product.objects.exists()


def test_rows_are_narrowed_and_taken_out_with_why(editor: Client, season: Season) -> None:
    upload(editor)
    imported = Import.objects.get()
    Import.objects.update(state="checked", total=3, report={"total": 3, "counts": {"created": 2, "refused": 1}})
    good, hat, bad = ImportRow.objects.bulk_create(
        ImportRow(of=imported, number=at, state=state, label=label, says=says, fix="", reason="x" if says else "")
        for at, state, label, says in (
            (2, "created", "Coat · Black", ""),
            (3, "created", "Hat · Red", ""),
            (4, "refused", "Coat · Blue", "No size."),
        )
    )
    page = f"/imports/{imported.pk}/"

    def shown(query: str) -> list[int]:
        return [line.pk for line in editor.get(page + query).context["lines"]]

    assert shown("") == [bad.pk], "what stands in the way is seen first"
    assert shown("?show=") == [good.pk, hat.pk, bad.pk]
    assert shown("?show=&q=coat") == [good.pk, bad.pk]
    assert shown("?show=&sort=-number") == [bad.pk, hat.pk, good.pk]
    refused = editor.post(f"{page}?show=refused", {"do": "csv", "all": "yes", "pick": good.pk})
    assert b"No size." in b"".join(refused.streaming_content)  # type: ignore[attr-defined]


def test_rows_of_another_import_are_not_among_them(editor: Client, season: Season) -> None:
    upload(editor)
    imported = Import.objects.get()
    Import.objects.update(state="checked", total=1, report={"total": 1, "counts": {"created": 1}})
    mine = ImportRow.objects.create(of=imported, number=2, state="created", label="Coat")
    with acting_for(Company.objects.create(name="Other", slug="other")):
        foreign = Import.objects.create(file_name="a.csv", stored="imports/x/a.csv", bytes=1, state="checked")
        theirs = ImportRow.objects.create(of=foreign, number=2, state="created", label="Theirs")

    assert editor.post(f"/imports/{foreign.pk}/", {"do": "csv", "pick": theirs.pk}).status_code == 404
    picked = editor.post(f"/imports/{imported.pk}/", {"do": "csv", "pick": [mine.pk, theirs.pk]})
    said = b"".join(picked.streaming_content).decode()  # type: ignore[attr-defined]
    assert "Coat" in said
    assert "Theirs" not in said


def test_earlier_imports_are_narrowed_and_taken_out(editor: Client, season: Season) -> None:
    done = Import.objects.create(file_name="range.csv", bytes=1, kind="products", state="done", total=12_000)
    Import.objects.create(file_name="shops.csv", bytes=1, kind="customers", state="failed")

    page = seen(editor, "/imports/?q=range")
    assert "range.csv" in page
    assert "12,000" in page
    assert "shops.csv" not in page
    assert "range.csv" not in seen(editor, "/imports/?state=failed")
    assert "shops.csv" not in seen(editor, "/imports/?what=products")

    taken = editor.post("/imports/", {"do": "csv", "pick": done.pk})

    assert b"range.csv,Products,Done,12000" in b"".join(taken)
