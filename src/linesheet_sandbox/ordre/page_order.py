"""The page of one order: its lines to edit, submitting it, and what the hub answered."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from linesheet_sandbox.common.http import Answer, decode_json
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.ordre.buying import find_order
from linesheet_sandbox.ordre.desk import Desk
from linesheet_sandbox.ordre.lines import units_and_amount
from linesheet_sandbox.ordre.markup import button, cells, choice, counted, entry, field, form, page, said, table
from linesheet_sandbox.ordre.page import SLIPS

RIGHT = {"": "Nothing"}
_OF_SUBMITS = {kind: says for kind, says in SLIPS.items() if kind != "stale_cursor"}


def order_page(desk: Desk, number: str, told: str = "", found: Any = None) -> Answer:
    """The page; `told` is what just went wrong, `found` what the hub said when it was asked of the order."""
    order = find_order(desk.portal, number)
    units, amount = units_and_amount(order)
    facts = f"{order['customer'].get('name')}, {counted(units, 'unit')}, {amount}"
    here = f"/orders/{quote(number, safe='')}"
    parts = [
        '<p><a href="/">ORDRE sandbox</a></p>',
        f"<h1>Order {said(number)}</h1>",
        f'<p class="bad" role="alert">{said(told)}</p>' if told else "",
        f"<p>{said(' '.join(filter(None, (facts, order['currency']))))}: {said(_STATES[order['status']])}.</p>",
        f'<pre class="panel" tabindex="0">{said(_plain(found))}</pre>' if found is not None else "",
        *(_submission(each) for each in _submissions(desk, number)),
        form(f"{here}/ask", button("Ask the hub what it has of this order")) if desk.hub.known() else "",
        "<h2>What the buyer wants</h2>",
        form(here, _wanted(order), kind="stack"),
    ]
    return page(f"Order {number}", parts, 400 if told else 200)


_STATES = {
    "draft": "not submitted yet",
    "submitted": "submitted",
    "edited": "edited since it was submitted, of which the hub knows nothing",
}


def _wanted(order: Record) -> str:
    rows = [_row(line) for line in order["lines"]]
    empty = {"line_id": "new", "barcode": "", "quantity": "", "unit_price": "", "description": "Another line"}
    lines = table(("Product", "Barcode", "Units", "Price"), [*rows, _row(empty)], "", "Lines")
    parts = (
        field("PO number", "po_number", order["po_number"] or "", maxlength=50)
        + field("Deliver from", "start", (order["delivery"] or {}).get("start", ""), type_="date")
        + field("until", "end", (order["delivery"] or {}).get("end", ""), type_="date")
        + field("Notes", "notes", order["notes"] or "", size=30, maxlength=2000)
    )
    choose = choice("Do wrong", "slip", {**RIGHT, **_OF_SUBMITS})
    submit = button("Save and submit", name="then", value="submit", first=True)
    check = button("Save and have it checked", name="then", value="validate")
    return f'{lines}<p class="row">{parts}</p><p class="row">{button("Save")}{check}{choose}{submit}</p>'


def _row(line: Mapping[str, Any]) -> list[str]:
    key, what = line["line_id"], line.get("description") or "A product nobody knows"
    inputs = (
        entry(f"barcode-{key}", line["barcode"], aria_label=f"Barcode, {what}", size=15, inputmode="numeric"),
        entry(f"quantity-{key}", line["quantity"], aria_label=f"Units, {what}", type_="number", min=0, max=100000),
        entry(f"price-{key}", line["unit_price"], aria_label=f"Price, {what}", class_="short", inputmode="decimal"),
    )
    return [f'<td class="wrap">{said(what)}</td>', *(f"<td>{each}</td>" for each in inputs)]


def _submissions(desk: Desk, number: str) -> Iterable[Record]:
    """Of this order, the newest first."""
    keys = desk.portal.submissions.ids_by("order", number)
    return [found for key in reversed(keys) if (found := desk.portal.submissions.get(key))]


def _submission(submission: Record) -> str:
    sent = decode_json(submission["body"].encode())
    wrong = f", with this wrong: {SLIPS.get(submission['slip'], '').lower()}" if submission["slip"] else ""
    answers = "".join(_answer(answer) for answer in submission["answers"])
    lines = counted(len(sent.get("lines") or []), "line")
    facts = f"{submission['sent_at'].replace('T', ' ')[:19]}, {lines}{wrong}."
    return (
        f'<div class="panel"><h3>Submission {int(submission["id"])}, {said(_OUTCOMES[submission["outcome"]])}</h3>'
        f"<p><small>{said(facts)} Key {said(submission['idempotency_key'] or 'none')}</small></p>"
        f"{answers or '<p>No answer yet.</p>'}</div>"
    )


_OUTCOMES = {
    "accepted": "accepted",
    "refused": "refused",
    "unanswered": "without an answer; it is sent again with the next collect",
    "put_off": "put off; it is sent again with the next collect",
}


def _answer(answer: Record) -> str:
    report = answer["answer"] if isinstance(answer["answer"], dict) else {}
    again = ", the same answer again" if answer["replayed"] else ""
    if answer["outcome"] != "accepted":
        return f'<p class="bad">{said(answer["message"])}</p>{_issues(report)}'
    made = report.get("customer")
    customer: Record = made if isinstance(made, dict) else {}
    words = [
        f"{report.get('erp_order_number')} in the books, called {report.get('order_reference')}",
        f"of {customer.get('name')}{', a new customer' if customer.get('created') else ''}",
        f"season {report.get('season')}",
        "approved" if report.get("approved") else "not approved",
        f"{report.get('lines_accepted')} lines taken, {report.get('lines_skipped')} left out",
        f"{report.get('units')} units, {report.get('amount')}",
    ]
    earlier = [each for each in report.get("superseded") or [] if isinstance(each, dict)]
    before = ", ".join(
        f"{each.get('erp_order_number')}{'' if each.get('active', True) else ' (inactive)'}" for each in earlier
    )
    after = f"<p>It was submitted before, as {said(before)}.</p>" if before else ""
    return f"<p>{answer['status']}{said(again)}: {said('; '.join(words))}.</p>{after}{_issues(report)}"


def _issues(report: Record) -> str:
    issues = [each for each in report.get("issues") or [] if isinstance(each, dict)]
    if not issues:
        return ""
    rows = [
        [*cells((each.get("severity"), each.get("code"))), f'<td class="wrap">{said(each.get("message"))}</td>']
        for each in issues
    ]
    return table(("Kind", "Code", "What the hub says"), rows, "", "Issues")


def _plain(found: Any) -> str:
    return json.dumps(found, indent=2, ensure_ascii=False)
