"""One process of each sandbox for all tests here, emptied before each."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox import joor_client, ordre_client, running
from tests.sandbox.joor_client import Joor, Shelf, serving_files
from tests.sandbox.joor_trade import Trade, fill_account
from tests.sandbox.nuorder_client import Control, NuOrder, Process
from tests.sandbox.ordre_client import MadeUpHub, serving


@pytest.fixture(scope="session")
def process() -> Iterator[Process]:
    with Process() as running:
        yield running


@pytest.fixture
def control(process: Process) -> Control:
    process.control.post("/reset")
    return process.control


@pytest.fixture
def nuorder(process: Process, control: Control) -> NuOrder:
    return process.client()


@pytest.fixture
def tee() -> dict[str, Any]:
    """A product as a client would send it."""
    return {
        "style_number": "ST100",
        "season": "SS26",
        "color": "Navy",
        "color_code": "NVY",
        "name": "Boxy Tee",
        "brand_id": "ST100-NVY",
        "category": "Tops",
        "department": "Women",
        "available_from": "2026-01-15",
        "pricing": {"EUR": {"wholesale": 20, "retail": 50, "disabled": False}},
        "sizes": [{"size": "S", "upc": "5000000000011"}, {"size": "M", "upc": "5000000000028"}],
    }


@pytest.fixture
def shop() -> dict[str, Any]:
    """A company as a client would send it."""
    return {
        "name": "Demo Store",
        "code": "C001",
        "currency_code": "EUR",
        "addresses": [
            {
                "display_name": "Shop",
                "line_1": "1 High St",
                "city": "Leeds",
                "zip": "LS1",
                "country": "GB",
                "shipping_code": "S1",
                "billing_code": "B1",
            },
        ],
    }


@pytest.fixture(scope="session")
def joor_process() -> Iterator[joor_client.Process]:
    with joor_client.Process() as running_joor:
        yield running_joor


@pytest.fixture
def joor_control(joor_process: joor_client.Process) -> running.Control:
    joor_process.control.post("/reset")
    return joor_process.control


@pytest.fixture
def joor(joor_process: joor_client.Process, joor_control: running.Control) -> Joor:
    return joor_process.client()


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    """The brand's own web server, with pictures."""
    with serving_files() as files:
        yield files


@pytest.fixture
def trade(joor: Joor, joor_control: running.Control) -> Trade:
    """A JOOR account that sells."""
    return fill_account(joor, joor_control)


@pytest.fixture(scope="session")
def ordre_process() -> Iterator[ordre_client.Process]:
    with ordre_client.Process() as running_ordre:
        yield running_ordre


@pytest.fixture
def hub() -> Iterator[MadeUpHub]:
    """A made-up hub with two products in one look, one in another, and a customer."""
    made_up = MadeUpHub()
    made_up.put_product("p1")
    made_up.put_product("p2")
    made_up.put_product("p3", "B")
    made_up.put_customer("c_31", "Maison Exemple")
    with serving(made_up):
        yield made_up


@pytest.fixture
def ordre(ordre_process: ordre_client.Process, hub: MadeUpHub) -> running.Control:
    """The control API of ORDRE's sandbox, emptied, and connected to the hub."""
    control = ordre_process.control
    control.post("/reset")
    control.post("/hub", {"url": hub.url, "key": ordre_client.KEY})
    control.set(longest_wait_seconds=0)
    return control
