"""A test order, taken the way that one of ORDRE's goes (sheet ordre.md 3)."""

import json

from django.utils import timezone

from linesheet.platforms.ordre.endpoints.bodies import OrderIn, OrderReport
from linesheet.platforms.ordre.endpoints.submitting import Taken
from linesheet.platforms.ordre.settings import SETTINGS
from linesheet.sync.endpoints import Rehearsal, Remark, Sample
from linesheet.sync.models import Connection
from linesheet.sync.serving.problems import ApiProblem
from linesheet.sync.settings import read

_SAYS = {
    "created": "The order would be taken in.",
    "created_with_errors": "The order would be taken in, without what is wrong.",
}


def rehearse(connection: Connection, sample: Sample) -> Rehearsal:
    """What ORDRE would be answered, had it submitted this."""
    try:
        report = Taken.checked(connection, _order(connection, sample))
    except ApiProblem as problem:
        remarks = tuple(Remark(each.severity, each.code, each.message, each.pointer) for each in problem.issues)
        return Rehearsal(False, f"The order would be refused with {problem.code.status}. {problem.detail}", (), remarks)
    remarks = tuple(
        Remark(each.severity, each.code, each.message, f"Line {each.line_id}" if each.line_id else "")
        for each in report.issues
    )
    says = _SAYS.get(report.result, "The order would be refused, and kept to be taken in once that is mended.")
    return Rehearsal(report.result != "refused", says, tuple(_facts(report, sample)), remarks)


def _order(connection: Connection, sample: Sample) -> OrderIn:
    """The body, with the delivery dates of the season, so that only what is wrong is told of."""
    season = read([each for each in SETTINGS if each.key == "import_season"], connection.settings)["import_season"]
    delivery = {"start": season.delivery_starts_on, "end": season.delivery_cancels_on} if season else {}
    line = {"line_id": "1", "barcode": sample.barcode, "quantity": 1, "unit_price": sample.price}
    body = {
        "order_number": f"TEST-{timezone.now():%y%m%d%H%M%S}",
        "po_number": "TEST-PO",
        "currency": sample.currency or None,
        "customer": {"name": sample.customer},
        "delivery": delivery,
        "lines": [{**line, "description": sample.described[:200] or None}],
    }
    # As JSON, which is how bodies come.
    return OrderIn.model_validate_json(json.dumps(body, default=str))


def _facts(report: OrderReport, sample: Sample) -> list[tuple[str, str]]:
    line = f"1 of {sample.described or sample.barcode} at {sample.price:.2f} {sample.currency}".rstrip()
    facts = [("Line", line), ("Order reference", report.order_reference)]
    if report.customer is None:
        return [*facts, ("Customer", sample.customer)]
    new = "added to the books by the order" if report.customer.created else "in the books"
    return [
        *facts,
        ("Customer", f"{report.customer.name} ({new})"),
        ("Season", report.season or ""),
        ("Approved", "yes" if report.approved else "no"),
        ("Owner", report.owner or "nobody"),
        ("Taken in", f"{report.lines_accepted} of {report.lines_accepted + report.lines_skipped} lines"),
    ]
