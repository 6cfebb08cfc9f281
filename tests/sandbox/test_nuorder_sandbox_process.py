"""The process: how it starts, ends, and what it remembers."""

import json
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.nuorder_client import NuOrder, Process, exchange


def test_it_announces_itself_with_credentials_that_work(process):
    said = process.announcement

    assert said["platform"] == "nuorder"
    assert said["control_url"] == said["url"] + "/_control"
    assert sorted(said["credentials"]) == ["consumer_key", "consumer_secret", "token", "token_secret"]
    assert process.client().get("/api/schemas").status == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_and_soon(number):
    with Process() as process:
        process.client().get("/api/schemas")
        started = time.monotonic()

        assert process.stop(number) == (0, "")
        assert time.monotonic() - started < 3


def test_everything_answered_survives_a_kill(tmp_path: Path, tee: dict[str, Any], shop: dict[str, Any]):
    state = tmp_path / "nuorder.state"
    with Process(state) as first:
        client, control = first.client(), first.control
        product = client.put("/api/product/new", tee).json
        client.put("/api/company/new", shop)
        row = {"name": "immediate", "sizes": [{"size": "S", "quantity": 9}]}
        client.post(f"/api/inventory/{product['_id']}", {"inventory": [{"warehouse": "default", "wip": [row]}]})
        order = control.place_order((tee["sizes"][0]["upc"], 2), status="approved")
        client.post(f"/api/order/{order['_id']}/processed")
        control.set(latency_ms=1)
        keys = control.post("/applications")
        pending = NuOrder(client.url, {**keys, "token": "", "token_secret": ""})
        values = {**pending.oauth_values("GET", "/api/initiate", oauth_callback="oob"), "application_name": "Hub"}
        header = "OAuth " + ",".join(f"{name}={value}" for name, value in values.items())
        assert exchange(client.url, "GET", "/api/initiate", headers={"Authorization": header}).status == 200
        before = control.get("/state")
        writes = control.get("/stats")["writes"]
        first.stop(signal.SIGKILL)

    with Process(state) as second:
        assert second.announcement["credentials"] == first.announcement["credentials"]
        client, control = second.client(), second.control
        assert control.get("/state") == before
        assert control.get("/stats")["writes"] == writes
        assert control.get("/settings")["latency_ms"] == 1
        assert client.get("/api/orders/processed/list").json == [order["_id"]]
        stock = client.get(f"/api/inventory/{product['_id']}").json
        assert stock[0]["wip"][0]["sizes"][0]["quantity"] == 7
        assert client.put("/api/product/new/force", tee).status == 200
        later = control.place_order((tee["sizes"][0]["upc"], 1))
        assert later["order_number"] > order["order_number"]
        assert later["_id"] > order["_id"]
        assert control.post("/applications/Hub/approve")["verifier"]


def test_without_a_state_file_nothing_is_remembered():
    with Process() as one, Process() as other:
        assert one.announcement["credentials"] != other.announcement["credentials"]


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl here")
def test_the_command_of_the_documents_places_an_order(process, control, tmp_path: Path):
    said = (Path(__file__).parents[2] / "docs/operations.md").read_text()
    command = re.search(r"```\n(BARCODE=.*?)```", said, re.DOTALL)
    assert command
    announced = tmp_path / "var/sandboxes/nuorder.json"
    announced.parent.mkdir(parents=True)
    announced.write_text(json.dumps(process.announcement))

    done = subprocess.run(["bash", "-ec", command[1]], cwd=tmp_path, capture_output=True, text=True, check=True)

    (order,) = control.get("/orders")
    assert json.loads(done.stdout)["order_number"] == order["order_number"]
    assert [size["upc"] for line in order["line_items"] for size in line["sizes"]] == ["5601000000002"]
    assert order["status"] == "approved"
