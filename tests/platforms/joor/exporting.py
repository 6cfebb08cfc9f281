"""What Data export and Images export leave on JOOR, in few words."""

from typing import Any

from linesheet.books.models import Product
from linesheet.sync import offers
from linesheet.sync.models import Item, Run
from tests.platforms.joor.conftest import Books, JoorSandbox

ROUTE = ("Main", "SS26")


def ask(brand: Books) -> None:
    """Have the account say what it has, as every test of the connection does."""
    offers.ask(brand.connection)
    brand.connection.refresh_from_db()


def styles(joor: JoorSandbox) -> dict[str, Any]:
    """Products by the key that is ours."""
    return {each["external_id"]: each for each in joor.control("GET", "/products")}


def matrix(joor: JoorSandbox, style: str) -> dict[tuple[str, str], str]:
    """Barcodes of a style by colour and size."""
    return {(sku["color"]["value"], sku["size"]["value"]): sku["upc"] for sku in styles(joor)[style]["skus"]}


def prices(joor: JoorSandbox, style: str) -> dict[str, tuple[str, str | None]]:
    """Wholesale and retail by barcode, of a style with one price type; what has no price is left out."""
    found = {}
    for sku in styles(joor)[style]["skus"]:
        for price in sku["prices"].values():
            found[sku["upc"]] = (price["wholesale_value"], price["retail_value"])
    return found


def linesheets(joor: JoorSandbox) -> dict[tuple[str, str], dict[str, list[str]]]:
    """What each linesheet lists: barcodes by style, in its order."""
    return {
        (each["name"], each["season"]): {
            item["external_id"]: item["upcs"] for item in sorted(each["items"], key=lambda item: item["order_number"])
        }
        for each in joor.control("GET", "/collections")
    }


def barcodes(product: Product) -> list[str]:
    return [sku.barcode for sku in product.skus.order_by("position", "id")]


def ends(run: Run) -> dict[str, str]:
    """The state of each record of a run, by its name; unchanged ones have none."""
    return {item.label: item.state for item in run.items.order_by("pk")}


def item(run: Run, label: str) -> Item:
    found: Item = run.items.get(label=label)
    return found


def codes(record: Item) -> list[str]:
    """The codes of all that a run says of a record."""
    return [*filter(None, [record.reason_code]), *(note["code"] for note in record.notes)]


def written(joor: JoorSandbox, after: int = 0) -> list[str]:
    """The writes of the catalogue, as `skus/bulk_create`, in order."""
    calls = (call for call in joor.calls()[after:] if call.startswith("POST /v4/"))
    return [call.removeprefix("POST /v4/").partition("?")[0] for call in calls]
