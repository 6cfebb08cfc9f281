"""Readiness of a connection: every cause that keeps records from it, with a file to mend many at once."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from linesheet.books.files.mending import mending_rows, mends
from linesheet.sync import looking_again, readiness
from linesheet.sync.connection_checks import stops_of
from linesheet.sync.models import Connection, Finding, Look
from linesheet.sync.readiness import Cause
from linesheet.web import lists
from linesheet.web.access import MemberRequest
from linesheet.web.declared import connection_or_404, connection_to_run, platform_of, task_name
from linesheet.web.downloads import streamed
from linesheet.web.lists.declared import Rows
from linesheet.web.record_links import record_link
from linesheet.web.why import why_link

_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Line:
    """A cause as the page shows it.

    `imports` is where the mended file comes back in, `setting` the key of that which answers it; "" where none does.
    """

    cause: Cause
    others: int
    task: str
    imports: str
    setting: str


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: MemberRequest, connection_id: int) -> HttpResponseBase:
    """The causes that the last look found, and how a look under way gets on."""
    if request.method == "POST":
        readiness.ask(connection_to_run(request, connection_id, "look at the readiness"), request.user)
        return redirect("readiness", connection_id)
    connection = connection_or_404(request, connection_id)
    if platform_of(connection) is None:
        raise Http404
    done, working = readiness.last_done(connection), readiness.at_work(connection)
    causes = [_line(connection, cause) for cause in readiness.causes_of(done)] if done else []
    changed = done is not None and looking_again.has_changed(done)
    missing, checks = stops_of(connection)
    lost = working is not None and (readiness.is_lost(working) or working.state == Look.State.FAILED)
    return render(
        request,
        "web/connections/readiness.html",
        {
            "connection": connection,
            "missing": missing,
            "checks": checks,
            "done": done,
            "counts": [(of, looked, held) for of, (looked, held) in done.looked.items()] if done else [],
            "stops": [line for line in causes if line.cause.stops],
            "others": [line for line in causes if not line.cause.stops],
            "working": working,
            "changed": changed,
            # A look that failed is not repeated at every opening of the page.
            "looks_now": working is None and (done is None or (changed and looking_again.has_rested(done))),
            "lost": lost,
            "may_look": request.may.run(connection),
        },
    )


@require_safe
def findings(request: MemberRequest, connection_id: int) -> HttpResponseBase:
    """The records behind one cause, or all of them."""
    connection = connection_or_404(request, connection_id)
    look = readiness.last_done(connection)
    if look is None:
        return redirect("readiness", connection.pk)
    code, of = request.GET.get("reason", ""), request.GET.get("of", "")
    cause = next((one for one in readiness.causes_of(look) if one.code == code and one.of == of), None)
    line = _line(connection, cause) if cause else None
    return lists.show(request, _findings_list(look), {"connection": connection, "look": look, "line": line})


@require_safe
def file(request: MemberRequest, connection_id: int) -> HttpResponseBase:
    """The records of one cause as CSV: to complete and bring back where an import mends it, else to read."""
    connection = connection_or_404(request, connection_id)
    look = readiness.last_done(connection)
    causes = readiness.causes_of(look) if look else []
    code, of = request.GET.get("reason", ""), request.GET.get("of", "")
    cause = next((one for one in causes if one.code == code and one.of == of), None)
    if look is None or cause is None:
        raise Http404
    rows = mending_rows(cause.mended_by, _pages(look, cause)) if mends(cause.mended_by) else _told(look, cause)
    return streamed(f"{connection.platform}-{cause.code}.csv", rows, request.company.pk)


def _line(connection: Connection, cause: Cause) -> Line:
    imports = ""
    if mends(cause.mended_by):
        try:
            imports = f"{reverse('imports')}?kind={cause.mended_by}"
        except NoReverseMatch:
            imports = ""
    platform = platform_of(connection)
    reason = platform.reason(cause.code) if platform else None
    setting = reason.setting if reason else ""
    return Line(cause, cause.count - 1, task_name(connection, cause.task), imports, setting)


def _findings_list(look: Look) -> lists.RecordList:
    return lists.RecordList(
        key="findings",
        one="record",
        many="records",
        rows=lambda request: readiness.findings_of(look),
        columns=(
            lists.Column(key="record", label="Record", value=lambda row: row.label, cell=_record_link),
            lists.Column(key="kind", label="Kind", value=lambda row: row.of, usual=False),
            lists.Column(key="says", label="Reason", value=lambda row: row.says, cell=_reason),
            lists.Column(key="fix", label="What helps", value=lambda row: row.fix, usual=False),
        ),
        filters=(
            lists.Filter(key="text", label="Record", narrow=_by_label),
            lists.Filter(
                key="reason",
                label="Cause",
                narrow=lambda rows, value: rows.filter(reason_code=value),
                choices=lambda: [(cause.code, cause.code.replace("_", " ")) for cause in readiness.causes_of(look)],
            ),
            lists.Filter(
                key="of",
                label="Kind",
                narrow=lambda rows, value: rows.filter(of=value),
                choices=lambda: [(of, of) for of in sorted({cause.of for cause in readiness.causes_of(look)})],
            ),
        ),
        template="web/connections/findings.html",
        label=lambda row: row.label,
        empty="No record is held back for this.",
    )


def _record_link(row: Finding) -> str:
    return record_link(row.of, row.record_id, row.label)


def _reason(row: Finding) -> str:
    return format_html("{} {}", row.says, why_link(row.of, row.record_id, row.label))


def _by_label(rows: Rows, text: str) -> Rows:
    return rows.filter(label__icontains=text)


def _pages(look: Look, cause: Cause) -> Iterator[list[int]]:
    """Ids of the records of a cause, a page at a time."""
    for page in _rows(look, cause):
        yield [int(row.record_id) for row in page if row.record_id.isdecimal()]


def _told(look: Look, cause: Cause) -> Iterator[list[object]]:
    yield ["Record", "Reason", "What helps"]
    for page in _rows(look, cause):
        for row in page:
            yield [row.label, row.says, row.fix]


def _rows(look: Look, cause: Cause) -> Iterator[list[Finding]]:
    found = readiness.findings_of(look, cause.code, cause.of).order_by("pk")
    after = 0
    while page := list(found.filter(pk__gt=after)[:_AT_ONCE]):
        yield page
        after = page[-1].pk
