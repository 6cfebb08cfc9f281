"""Keep an ERP in step with Linesheet: take its orders, acknowledge them, push stock. Run it every few minutes.

LINESHEET_URL and LINESHEET_KEY say where and with what; the folder given stands for the ERP: `stock.csv` is what it has
(barcode, season, location, quantity, as_of), `orders/` what it was given.
"""

import csv
import json
import os
import sys
import time
import uuid
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

AT_ONCE = 5000


def call(method, path, body=None):
    """The answer, tried again while Linesheet is away or busy; the idempotency key has it done once all the same."""
    headers = {"Authorization": f"Bearer {os.environ['LINESHEET_KEY']}", "Idempotency-Key": str(uuid.uuid4())}
    data = None if body is None else json.dumps(body).encode()
    headers |= {"Content-Type": "application/json"} if data else {}
    request = Request(f"{os.environ['LINESHEET_URL']}/api/v1{path}", data, headers, method=method)  # noqa: S310
    waits = [2, 4, 8, 16, 32]
    while True:
        try:
            with urlopen(request, timeout=120) as got:  # noqa: S310
                return json.load(got)
        except OSError as error:
            answer = error if isinstance(error, HTTPError) else None
            said = answer.read().decode() if answer else ""
            if answer and answer.code == 409 and "changed_since" in said:
                return json.loads(said)  # the order comes again, as it is now, with the next run
            if not waits or (answer and answer.code < 500 and "Retry-After" not in answer.headers):
                sys.exit(f"{method} {path}: {error} {said}")
            wait = waits.pop(0)
            time.sleep(int(answer.headers.get("Retry-After", wait)) if answer else wait)


def take_orders(erp):
    """Give the ERP every approved order that it has not taken as it stands, also one taken out of the books since."""
    cursor = ""
    while cursor is not None:
        asked = "approved=true&acknowledged=false&include_inactive=true"
        page = call("GET", f"/orders?{asked}{cursor and '&cursor='}{cursor}")
        for order in page["data"]:
            (erp / "orders" / f"{order['id']}.json").write_text(json.dumps(order))  # the same order has the same name
            call("POST", f"/orders/{order['id']}/acknowledge", {"updated_at": order["updated_at"]})
        cursor = page["next_cursor"]


def push_stock(erp):
    """Set the stock in Linesheet to what the ERP has; records that are not taken are named, and the others are."""
    if not (erp / "stock.csv").exists():
        sys.exit(f"No stock was set: there is no {erp / 'stock.csv'}.")
    with (erp / "stock.csv").open(newline="") as file:
        records = [{**row, "quantity": int(row["quantity"])} for row in csv.DictReader(file)]
    for some in (records[start : start + AT_ONCE] for start in range(0, len(records), AT_ONCE)):
        for outcome in call("POST", "/stock/bulk", {"records": some})["data"]:
            for issue in outcome["issues"]:
                print(f"{some[outcome['index']]['barcode']}: {issue['message']}", file=sys.stderr)


if __name__ == "__main__":
    (Path(sys.argv[1]) / "orders").mkdir(parents=True, exist_ok=True)
    take_orders(Path(sys.argv[1]))
    push_stock(Path(sys.argv[1]))
