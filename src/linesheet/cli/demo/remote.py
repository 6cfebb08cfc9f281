"""The other side of the demo: a sandbox as a process of its own, and what its buyers do."""

import json
import subprocess
import sys
import urllib.request
from collections import Counter
from datetime import date
from typing import Any

import psutil

from linesheet.sync.sandboxes import announcement_file


class Remote:
    """A running sandbox, driven through its control API."""

    def __init__(self, platform: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "linesheet_sandbox", platform], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout
        announced = json.loads(self._process.stdout.readline())
        self.platform: str = announced["platform"]
        self.url: str = announced["url"]
        self.control_url: str = announced["control_url"]
        self.credentials: dict[str, str] = announced["credentials"]
        self._announced = announced

    def offer(self) -> None:
        """Have the web offer this sandbox to whoever adds a connection."""
        file = announcement_file(self.platform)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(json.dumps(self._announced))

    def place_order(
        self,
        customer: str,
        lines: list[dict[str, Any]],
        *,
        status: str,
        po: str,
        ships: tuple[date, date] | None = None,
    ) -> dict[str, Any]:
        """Have a buyer place an order, shipping between two days or at once; lines name barcodes and quantities."""
        order: dict[str, Any] = self.control(
            "POST",
            "/orders",
            {
                "company": customer,
                "status": status,
                "customer_po_number": po,
                "currency_code": "EUR",
                "lines": lines,
                **({"start_ship": ships[0].isoformat(), "end_ship": ships[1].isoformat()} if ships else {}),
            },
        )
        return order

    def orders(self) -> list[dict[str, Any]]:
        """All orders as the platform has them."""
        orders: list[dict[str, Any]] = self.control("GET", "/orders")
        return orders

    def products(self) -> list[dict[str, Any]]:
        """All products as the platform has them."""
        products: list[dict[str, Any]] = self.control("GET", "/products")
        return products

    def writes(self) -> Counter[str]:
        """How often each record was written through the platform's API."""
        written = self.control("GET", "/stats")["writes"]
        return Counter(
            {
                f"{kind}/{record}": sum(actions.values())
                for kind, records in written.items()
                for record, actions in records.items()
            }
        )

    def cpu_seconds(self) -> float:
        """CPU time that the sandbox has taken since its start."""
        times = psutil.Process(self._process.pid).cpu_times()
        return round(times.user + times.system, 2)

    def stop(self) -> None:
        """End the sandbox."""
        self._process.terminate()
        self._process.wait(10)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """The answer of the sandbox's control API."""
        request = urllib.request.Request(  # noqa: S310 - our own sandbox on this machine
            self.control_url + path,
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.load(answer)
