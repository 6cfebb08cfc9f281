"""Bringing a file into the books: upload, columns, check, report, import, undo."""

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from linesheet.books import imports as rules
from linesheet.books.files.importing import IMPORTERS
from linesheet.books.files.report import FileUnreadable
from linesheet.books.models import ColumnMapping, Import
from linesheet.books.reasons import Refused
from linesheet.sync import imports as work
from linesheet.web import importing, lists
from linesheet.web.access import MemberRequest, editors_only
from linesheet.web.import_list import EARLIER
from linesheet.web.import_rows import rows_of

DOES = "import files"

NO_FILE = "Choose a file first."


@require_http_methods(["GET", "HEAD", "POST"])
@editors_only(DOES)
def start(request: MemberRequest) -> HttpResponseBase:
    """Where a file is dropped, with templates to begin from and what was brought in before."""
    if request.method != "POST" or "do" in request.POST:
        return lists.show(request, EARLIER, _start(request))
    file = request.FILES.get("file")
    kind = request.POST.get("kind", "")
    if not isinstance(file, UploadedFile):
        too_big = int(request.META.get("CONTENT_LENGTH") or 0) > rules.MOST_BYTES
        said = rules.FILE_TOO_BIG.about(file="The file", most=rules.MOST_BYTES // 2**20) if too_big else None
        return _start_page(request, said or NO_FILE)
    try:
        imported = rules.upload(file, file.name or "", by=request.user, kind=kind)
    except Refused as refused:
        return _start_page(request, refused)
    return redirect("import_columns", imported.pk)


@editors_only(DOES)
def show(request: MemberRequest, import_id: int) -> HttpResponseBase:
    """An import where it stands, with the list of its rows."""
    imported = import_or_404(import_id)
    if imported.state == Import.State.UPLOADED:
        return redirect("import_columns", imported.pk)
    query = request.GET.copy()
    if "show" not in query and not imported.undone and dict(importing.sum_of(imported))["refused"]:
        # What stands in the way is what one wants to see first.
        query["show"] = "refused"
    context = {
        **_live(imported),
        "to_bring_in": importing.to_bring_in(imported),
        "may_cancel": imported.state in work.MAY_CANCEL and not imported.cancelled_at,
        "given_up": imported.state in work.GIVEN_UP,
        "may_undo": imported.change_set and not imported.undone,
    }
    return lists.show(request, rows_of(imported), context, query)


@require_safe
@editors_only(DOES)
def progress(request: MemberRequest, import_id: int) -> HttpResponse:
    """The part that changes while a worker is at it; when that is over the page is told to load itself anew."""
    imported = import_or_404(import_id)
    response = render(request, "web/imports/progress.html", _live(imported))
    if imported.state not in Import.AT_WORK:
        trigger_client_event(response, "import-changed")
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@editors_only(DOES)
def columns(request: MemberRequest, import_id: int) -> HttpResponseBase:
    """Which column stands for what. `kind` and `mapping` in the query string read the file another way."""
    imported = import_or_404(import_id)
    if imported.state in (*Import.AT_WORK, Import.State.DONE):
        return redirect("import", imported.pk)
    if request.method != "POST":
        kind = request.GET.get("kind", imported.kind)
        mapping = _saved(kind, request.GET.get("mapping", "")) or (imported.columns if kind == imported.kind else {})
        return _columns_page(request, imported, kind, mapping, imported.options)
    kind = request.POST.get("kind", "")
    if kind not in IMPORTERS:
        return redirect("import_columns", imported.pk)
    given = importing.given_columns(imported, request.POST.dict())
    options: dict[str, Any] = request.POST.dict()
    options["create_missing"] = request.POST.get("create_missing") == "yes"
    options["save_mapping_as"] = " ".join(request.POST.get("save_mapping_as", "").split())[:60]
    try:
        rules.choose_columns(imported, kind, given, options)
        work.start(imported, really=False, by=request.user)
    except Refused as refused:
        return _columns_page(request, imported, kind, given, options, refused)
    return redirect("import", imported.pk)


@require_POST
@editors_only(DOES)
def sheet(request: MemberRequest, import_id: int) -> HttpResponseBase:
    """Take another sheet of the workbook."""
    imported = import_or_404(import_id)
    return _do(request, imported, lambda: rules.choose_sheet(imported, request.POST.get("sheet", "")))


@require_POST
@editors_only(DOES)
def check(request: MemberRequest, import_id: int) -> HttpResponseBase:
    """Have the file checked once more as it is read."""
    imported = import_or_404(import_id)
    return _do(request, imported, lambda: work.start(imported, really=False, by=request.user))


@require_POST
@editors_only(DOES)
def bring_in(request: MemberRequest, import_id: int) -> HttpResponseBase:
    """Have the checked file brought into the books."""
    imported = import_or_404(import_id)
    return _do(request, imported, lambda: work.start(imported, really=True, by=request.user))


@require_POST
@editors_only("cancel imports")
def cancel(request: MemberRequest, import_id: int) -> HttpResponseBase:
    """Have the check or the bringing in given up; the page says what came of it."""
    imported = import_or_404(import_id)
    return _do(request, imported, lambda: work.cancel(imported))


@require_POST
@editors_only("undo imports")
def undo(request: MemberRequest, import_id: int) -> HttpResponseBase:
    """Have what the file brought in taken back; of a large one that takes as long as the import."""
    imported = import_or_404(import_id)
    return _do(request, imported, lambda: work.start_undo(imported, by=request.user))


@require_POST
@editors_only(DOES)
def discard(request: MemberRequest, import_id: int) -> HttpResponseBase:
    """Give an upload up."""
    imported = import_or_404(import_id)
    try:
        rules.discard(imported)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("import", imported.pk)
    messages.success(request, f"{imported.file_name} was discarded. The books are as they were.")
    return redirect("imports")


def import_or_404(import_id: int) -> Import:
    """The company's import of that id. Raises Http404."""
    imported: Import = get_object_or_404(Import.objects.select_related("change_set", "by"), pk=import_id)
    return imported


def _do(request: MemberRequest, imported: Import, action: Any) -> HttpResponseBase:
    try:
        action()
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("import", imported.pk)


def _start_page(request: MemberRequest, wrong: "Refused | Any") -> HttpResponse:
    context = {**lists.listed(request, EARLIER), **_start(request)}
    context["wrong"] = {"says": wrong, "fix": ""} if isinstance(wrong, str) else wrong
    return render(request, EARLIER.template, context, status=422)


def _start(request: MemberRequest) -> dict[str, Any]:
    return {
        "kinds": [(kind, label, importing.HOLDS[kind]) for kind, label in importing.KINDS.items()],
        "kind": request.POST.get("kind", request.GET.get("kind", "")),
        "most": rules.MOST_BYTES // 2**20,
    }


def _columns_page(
    request: MemberRequest,
    imported: Import,
    kind: str,
    mapping: dict[str, str],
    options: dict[str, Any],
    wrong: Refused | None = None,
) -> HttpResponse:
    reading = None
    if kind in IMPORTERS:
        try:
            reading = importing.read_as(imported, kind, mapping, request.company)
        except FileUnreadable as unreadable:
            wrong = wrong or unreadable
            reading = importing.read_as(imported, kind, {}, request.company)
    known = kind in IMPORTERS
    return render(
        request,
        "web/imports/columns.html",
        {
            "import": imported,
            "kind": kind if known else "",
            "kinds": importing.KINDS,
            "reading": reading,
            "options": importing.options_of(kind, request.company, options) if known else [],
            "may_create": known and "create_missing" in rules.OPTIONS[kind],
            "create_missing": options.get("create_missing"),
            "save_mapping_as": options.get("save_mapping_as", ""),
            "mappings": importing.saved_mappings(kind) if known else [],
            "mapping": request.GET.get("mapping", ""),
            "wrong": wrong,
        },
        status=422 if wrong else 200,
    )


def _saved(kind: str, name: str) -> dict[str, str]:
    saved = ColumnMapping.objects.filter(kind=kind, name__iexact=name).first() if name else None
    return dict(saved.columns) if saved else {}


def _live(imported: Import) -> dict[str, Any]:
    return {
        "import": imported,
        "kind": importing.KINDS.get(imported.kind, ""),
        "at_work": imported.state in Import.AT_WORK,
        "sum": importing.sum_of(imported),
        "total": imported.total or 0,
    }
