"""NuORDER as Linesheet knows it: what it asks for, what it can do, and how to try it."""

from collections.abc import Mapping, Sequence
from typing import Any

from linesheet.platforms.nuorder.auth import Dialect, Keys
from linesheet.platforms.nuorder.client import NuOrderClient
from linesheet.platforms.nuorder.customers import Customers
from linesheet.platforms.nuorder.download import ProductFile
from linesheet.platforms.nuorder.grant import GRANT
from linesheet.platforms.nuorder.images import Images
from linesheet.platforms.nuorder.orders import Orders
from linesheet.platforms.nuorder.products import Products
from linesheet.platforms.nuorder.reasons import REASONS
from linesheet.platforms.nuorder.settings import CREDENTIALS, SETTINGS
from linesheet.platforms.nuorder.stock import Stock
from linesheet.sync.errors import Refused, TravelError, Unauthorised
from linesheet.sync.platform import (
    BudgetRules,
    Catalogue,
    CheckResult,
    Choice,
    Direction,
    Level,
    Platform,
    Task,
)
from linesheet.sync.transport import Transport

# Half of what signatures are taken to tolerate (sheet nuorder.md 1.5).
CLOCK_TOLERANCE_SECONDS = 150


def client(transport: Transport, credentials: Mapping[str, str], settings: Mapping[str, Any]) -> NuOrderClient:
    """The client of a connection; what its credentials lack, `check` names."""
    keys = (credentials.get(name) or "" for name in ("consumer_key", "consumer_secret", "token", "token_secret"))
    return NuOrderClient(transport, Keys(*keys), Dialect(settings.get("dialect") or Dialect.LEGACY))


async def check(nuorder: NuOrderClient, settings: Mapping[str, Any]) -> Sequence[CheckResult]:
    """Try the credentials with a call that changes nothing, compare the clocks, and look for the warehouse."""
    missing = [setting.label for setting in CREDENTIALS if setting.required and not getattr(nuorder.keys, setting.key)]
    if missing:
        says = f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing."
        return [CheckResult("Credentials", False, says, "Copy them from NuORDER, Admin > API Management.")]
    try:
        approved = len(await nuorder.order_ids("approved"))
    except TravelError as error:
        return [CheckResult("Credentials", False, error.says, _fix_for(error)), *_check_clock(nuorder)]
    signed_in = CheckResult("Credentials", True, f"NuORDER accepts them; {approved} approved orders wait there.")
    return [signed_in, *_check_clock(nuorder), await _check_warehouse(nuorder, settings)]


def _check_clock(nuorder: NuOrderClient) -> list[CheckResult]:
    difference = nuorder.clock_difference
    if difference is None:
        return []
    if abs(difference) <= CLOCK_TOLERANCE_SECONDS:
        return [CheckResult("Clock", True, "It agrees with NuORDER's.")]
    way = "behind" if difference > 0 else "ahead of"
    says = (
        f"This computer's clock is {abs(difference):.0f} s {way} NuORDER's, which refuses calls signed at another time."
    )
    return [CheckResult("Clock", False, says, "Set the clock of this computer, best by a time service.")]


async def _check_warehouse(nuorder: NuOrderClient, settings: Mapping[str, Any]) -> CheckResult:
    try:
        found = await nuorder.warehouses()
    except Refused:
        says = "NuORDER does not tell which warehouses there are."
        fix = "Make sure that the warehouse in the settings is set up on NuORDER, in the same spelling."
        return CheckResult("Warehouses", True, says, fix)
    except TravelError as error:
        return CheckResult("Warehouses", False, error.says, _fix_for(error))
    names = {str(warehouse.get(key) or "") for warehouse in found for key in ("display_name", "code")} - {""}
    there = ", ".join(sorted(names))
    if not names:
        fix = "Set up a warehouse on NuORDER before you export stock."
        return CheckResult("Warehouses", False, "NuORDER has no warehouse.", fix)
    wanted = settings.get("warehouse") or ""
    if not settings.get("warehouse_per_location") and wanted not in names:
        fix = "Set the warehouse of the connection to one of these, or set it up on NuORDER."
        return CheckResult("Warehouses", False, f"NuORDER has no warehouse {wanted}; it has {there}.", fix)
    return CheckResult("Warehouses", True, f"NuORDER has {there}.")


def _fix_for(error: TravelError) -> str:
    if isinstance(error, Unauthorised):
        return (
            "Compare the four keys with NuORDER, Admin > API Management, and whether the address is that of the same "
            "portal. Make sure that this computer's clock is right, and try the other signature."
        )
    return "Check the address of the connection, and try again in a few minutes."


PLATFORM = Platform(
    key="nuorder",
    name="NuORDER",
    base_urls=(
        Choice("https://wholesale.nuorder.com", "Production"),
        Choice("https://wholesale.sandbox1.nuorder.com", "NuORDER's sandbox"),
    ),
    credentials=CREDENTIALS,
    settings=SETTINGS,
    tasks=(
        Task(
            key="data-export",
            name="Data export",
            direction=Direction.OUT,
            help="Sends the products of the catalogue, then the customers.",
            legs=(Products, Customers),
        ),
        Task(
            key="images-export",
            name="Images export",
            direction=Direction.OUT,
            help="Sends the main picture of each product that NuORDER has.",
            legs=(Images,),
            after=("data-export",),
        ),
        Task(
            key="stock-export",
            name="Stock export",
            direction=Direction.OUT,
            help="Sends what each product has to sell, now and later.",
            legs=(Stock,),
            after=("data-export",),
        ),
        Task(
            key="orders-import",
            name="Orders import",
            direction=Direction.IN,
            help="Brings in new orders and tells NuORDER that they are processed.",
            legs=(Orders,),
        ),
        Task(
            key="product-csv",
            name="Product CSV download",
            direction=Direction.FILE,
            help="Writes the products of the catalogue to a file that NuORDER's upload takes.",
            legs=(ProductFile,),
            schedulable=False,
        ),
    ),
    reasons=REASONS,
    budget=BudgetRules(concurrency=5),
    client=client,
    check=check,
    catalogue=Catalogue(
        levels=(Level("Season"), Level("Department"), Level("Category")),
        free_below=True,
    ),
    grant=GRANT,
    words={
        "brand_id": "product key",
        "product_id": "product on NuORDER",
        "color": "colour",
        "color_code": "colour code",
        "pricing": "price",
        "upc": "barcode",
        "cancelled": "withdrawn",
        "order_closing": "orders close",
        "inventory": "stock",
        "wip": "available from",
        "prebook": "sold ahead",
        "currency_code": "currency",
        "display_name": "name",
        "line_1": "first line",
        "line_2": "second line",
        "zip": "postcode",
    },
)
