"""JOOR as Linesheet knows it: what it asks for, what it can do, and how to try it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings as site

from linesheet.platforms.joor.account import ACCOUNT_CHECK
from linesheet.platforms.joor.account_check import (
    AccountCustomers,
    AccountPriceTypes,
    AccountSeasons,
    AccountSizes,
    AccountWarehouses,
)
from linesheet.platforms.joor.addresses import PRODUCTION, SANDBOX, addresses_of, page
from linesheet.platforms.joor.auth import Credentials, Scheme
from linesheet.platforms.joor.client import JoorClient
from linesheet.platforms.joor.customers import Customers, WaitingCustomers
from linesheet.platforms.joor.images import Images
from linesheet.platforms.joor.linesheets import Linesheets
from linesheet.platforms.joor.offers import PriceType, offers
from linesheet.platforms.joor.orders import Orders
from linesheet.platforms.joor.products import Products
from linesheet.platforms.joor.reasons import REASONS
from linesheet.platforms.joor.settings import CREDENTIALS, SETTINGS
from linesheet.platforms.joor.stock import Stock
from linesheet.platforms.joor.styles import LINESHEET_LEVELS
from linesheet.platforms.joor.wire import Json
from linesheet.sync.errors import TravelError, Unauthorised
from linesheet.sync.platform import (
    BudgetRules,
    Catalogue,
    CheckResult,
    Choice,
    Direction,
    Level,
    Platform,
    Quota,
    Task,
)
from linesheet.sync.transport import Transport

# Runs ask for what changed since the last one began, an hour earlier than that.
CLOCK_TOLERANCE_SECONDS = 1800
WAITING_ORDERS = {"order_type": 6, "export_status": 2}
"""Approved orders that nobody has exported (sheet 7.2)."""


def client(transport: Transport, credentials: Mapping[str, str], settings: Mapping[str, Any]) -> JoorClient:
    """The client of a connection; what its credentials lack, `check` names."""
    addresses = addresses_of(transport.base_url, credentials)
    scheme = Scheme(settings.get("v2_scheme") or Scheme.OAUTH2)
    return JoorClient(transport, addresses, Credentials.among(credentials), scheme)


async def check(joor: JoorClient, settings: Mapping[str, Any]) -> Sequence[CheckResult]:
    """Try both generations with calls that change nothing: four credits at the most, the log-in being free.

    Orders are only counted, never read in the way that marks them as exported (sheet 1, fact 4).
    """
    lacking = [each.label for each in CREDENTIALS if each.required and not getattr(joor.credentials, each.key)]
    if lacking:
        names = " and ".join(filter(None, (", ".join(lacking[:-1]), lacking[-1])))
        says = f"{names} {'is' if len(lacking) == 1 else 'are'} missing."
        return [CheckResult("Credentials", False, says, "JOOR's integration team gives them to the brand.")]
    results = [await _check_log_in(joor)]
    if results[0].ok:
        results += await _check_v4(joor, settings)
    results.append(await _check_v2(joor))
    return [*results, *_check_clock(joor), *_check_public_address(settings)]


async def _check_log_in(joor: JoorClient) -> CheckResult:
    try:
        await joor.tokens.token()
    except Unauthorised as error:
        fix = "Compare Client ID, Client secret, User name and Password with what JOOR's integration team has given."
        return CheckResult("Log-in", False, error.says, fix)
    except TravelError as error:
        return CheckResult("Log-in", False, error.says, _LATER)
    return CheckResult("Log-in", True, "JOOR accepts the user.")


async def _check_v4(joor: JoorClient, settings: Mapping[str, Any]) -> list[CheckResult]:
    try:
        found = await joor.v4.listed("price_types")
    except Unauthorised as error:
        fix = "Compare Account ID with the number of the account on JOOR, and whether the user belongs to it."
        return [CheckResult("Account", False, error.says, fix)]
    except TravelError as error:
        return [CheckResult("Account", False, error.says, _LATER)]
    accepted = CheckResult("Account", True, f"The user may work with account {joor.credentials.account_id}.")
    return [accepted, _check_price_types(found, settings)]


def _check_price_types(found: Sequence[Json], settings: Mapping[str, Any]) -> CheckResult:
    there = {price_type.id: price_type.label for price_type in map(PriceType.of, found)}
    labels = ", ".join(sorted(there.values()))
    if not there:
        fix = "Have a price type set up on JOOR for each currency that the brand sells in."
        return CheckResult("Price types", False, "The account has none, so nothing could have a price.", fix)
    paired = {value for values in (settings.get("price_types") or {}).values() for value in values}
    gone = sorted(paired - there.keys())
    if gone:
        fix = "Choose again under Price types in the settings of the connection."
        says = f"The account has no price type {', '.join(gone)} any more; it has {labels}."
        return CheckResult("Price types", False, says, fix)
    if not paired:
        fix = "Say under Price types in the settings of the connection which price list is sent as which."
        return CheckResult("Price types", True, f"The account has {labels}. No price list is sent as any yet.", fix)
    return CheckResult("Price types", True, f"The account has {labels}.")


async def _check_v2(joor: JoorClient) -> CheckResult:
    name = "Stock, customers and orders"
    try:
        waiting = await joor.v2.order_count(**WAITING_ORDERS)
    except Unauthorised as error:
        fix = "Compare the token with the one that JOOR's integration team has given for API version 2."
        return CheckResult(name, False, error.says, fix)
    except TravelError as error:
        return CheckResult(name, False, error.says, _LATER)
    orders = "order waits" if waiting == 1 else "orders wait"
    return CheckResult(name, True, f"JOOR accepts the token; {waiting} approved {orders} there.")


def _check_clock(joor: JoorClient) -> list[CheckResult]:
    difference = joor.clock_difference
    if difference is None:
        return []
    if abs(difference) <= CLOCK_TOLERANCE_SECONDS:
        return [CheckResult("Clock", True, "It agrees with JOOR's.")]
    way = "behind" if difference > 0 else "ahead of"
    minutes = abs(difference) / 60
    says = f"This computer's clock is {minutes:.0f} minutes {way} JOOR's, so changes of orders could be missed."
    return [CheckResult("Clock", False, says, "Set the clock of this computer, best by a time service.")]


def _check_public_address(settings: Mapping[str, Any]) -> list[CheckResult]:
    if not settings.get("images", True):
        return []
    if site.PUBLIC_URL:
        return [CheckResult("Pictures", True, f"JOOR fetches pictures from {site.PUBLIC_URL}.")]
    fix = "Set LINESHEET_PUBLIC_URL to the address at which this installation is reached, or switch off Send pictures."
    return [CheckResult("Pictures", False, "JOOR fetches pictures from Linesheet, which has no public address.", fix)]


_LATER = "Check the addresses of the connection, and try again in a few minutes."

TASKS = (
    Task(
        key=ACCOUNT_CHECK,
        name="Account check",
        direction=Direction.CHECK,
        help="Compares JOOR with the books and lists what does not match. Nothing is written there.",
        legs=(AccountSizes, AccountCustomers, AccountPriceTypes, AccountSeasons, AccountWarehouses),
    ),
    Task(
        key="data-export",
        name="Data export",
        direction=Direction.OUT,
        help="Sends the products of the catalogue with their prices, then the linesheets.",
        legs=(Products, Linesheets),
    ),
    Task(
        key="images-export",
        name="Images export",
        direction=Direction.OUT,
        help="Sends the main picture of each colour that JOOR has.",
        legs=(Images,),
        after=("data-export",),
    ),
    Task(
        key="customers-export",
        name="Customers export",
        direction=Direction.OUT,
        help="Sends the active customers that have an account code, then tells which JOOR is still matching.",
        legs=(Customers, WaitingCustomers),
    ),
    Task(
        key="stock-export",
        name="Stock export",
        direction=Direction.OUT,
        help="Sends what each product has to sell, now and, if the settings say so, later.",
        legs=(Stock,),
        after=("data-export",),
    ),
    Task(
        key="orders-import",
        name="Orders import",
        direction=Direction.IN,
        help="Brings in approved orders, tells JOOR that they are exported, and lists those that changed since.",
        legs=(Orders,),
    ),
)

PLATFORM = Platform(
    key="joor",
    name="JOOR",
    base_urls=(Choice(PRODUCTION, "Production"), Choice(SANDBOX, "JOOR's sandbox")),
    credentials=CREDENTIALS,
    settings=SETTINGS,
    tasks=TASKS,
    reasons=REASONS,
    budget=BudgetRules(concurrency=2, quota=Quota(credits=300, seconds=300, read=1, write=5)),
    client=client,
    check=check,
    offers=offers,
    page=page,
    catalogue=Catalogue(
        levels=(
            Level("Linesheet"),
            Level("Linesheet season"),
            Level("Gender", required=False),
            Level("Category", required=False),
            Level("Subcategory", required=False),
            Level("Silhouette", required=False),
        ),
        # A linesheet there is a name in a season, and lists a product once (sheet 9.4).
        once=True,
        once_below=LINESHEET_LEVELS,
    ),
    words={
        "id": "number on JOOR",
        "items": "styles",
        "colour_order": "place among the colours",
        "fabrication": "fabric",
        "materials": "composition",
        "wholesale": "wholesale price",
        "retail": "retail price",
        "pictures": "pictures of all colours",
        "product_id": "product on JOOR",
        "product_identifier": "product key",
        "external_id": "own key",
        "upc": "barcode",
        "trait_values": "colour and size",
        "wholesale_value": "wholesale price",
        "retail_value": "retail price",
        "price_type_id": "price type",
        "category_ids": "category",
        "season_id": "season",
        "inventory": "stock",
        "inventory_date": "available from",
        "customer_code": "account code",
        "customer_name": "name",
        "customer_buyer_name": "buyer",
        "customer_email": "e-mail",
    },
)
