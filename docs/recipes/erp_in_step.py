"""Keep an ERP in step with Linesheet: take its orders, acknowledge them, push stock. Run it every few minutes.

LINESHEET_URL and LINESHEET_KEY say where and with what; the folder given stands for the ERP: `stock.csv` is what it has
(barcode, season, location, quantity), `orders/` what it was given, and `as_of` how far that is.
"""

import csv
import json
import os
import sys
import time
import uuid
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
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
            if not waits or (answer and answer.code < 500 and "Retry-After" not in answer.headers):
                sys.exit(f"{method} {path}: {error} {answer.read().decode() if answer else ''}")
            wait = waits.pop(0)
            time.sleep(int(answer.headers.get("Retry-After", wait)) if answer else wait)


def take_orders(erp):
    """Give the ERP every approved order that changed since the last time; what it has, it keeps."""
    mark = erp / "as_of"
    asked = {"approved": "true"} | ({"updated_since": mark.read_text()} if mark.exists() else {})
    while True:
        page = call("GET", f"/orders?{urlencode(asked)}")
        for order in page["data"]:
            if not order["locked"]:  # an acknowledged order is locked
                (erp / "orders" / f"{order['id']}.json").write_text(json.dumps(order))
                call("POST", f"/orders/{order['id']}/acknowledge")
        if page["next_cursor"] is None:
            mark.write_text(page["as_of"])
            return
        asked["cursor"] = page["next_cursor"]


def push_stock(erp):
    """Set the stock in Linesheet to what the ERP has; records that are not taken are named, and the others are."""
    with (erp / "stock.csv").open(newline="") as file:
        records = [{**row, "quantity": int(row["quantity"])} for row in csv.DictReader(file)]
    for some in (records[start : start + AT_ONCE] for start in range(0, len(records), AT_ONCE)):
        for outcome in call("POST", "/stock/bulk", {"records": some})["data"]:
            for issue in outcome["issues"]:
                print(f"{some[outcome['index']]['barcode']}: {issue['message']}", file=sys.stderr)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    (folder / "orders").mkdir(parents=True, exist_ok=True)
    take_orders(folder)
    push_stock(folder)
