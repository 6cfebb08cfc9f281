"""Earlier imports as a list: what was brought in, by whom, and what became of it."""

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html

from linesheet.books.models import Import
from linesheet.web.importing import KINDS
from linesheet.web.lists import Column, Filter, RecordList
from linesheet.web.templatetags import show as shown

UNDONE = "undone"


def _file(row: Import) -> str:
    return format_html('<a class="strong breaks" href="{}">{}</a>', reverse("import", args=[row.pk]), row)


def _state(row: Import) -> str:
    return render_to_string("web/imports/badge.html", {"import": row})


def _refused(row: Import) -> int:
    return int(row.report.get("counts", {}).get("refused", 0))


def _in_state(rows: "QuerySet[Import]", value: str) -> "QuerySet[Import]":
    if value == UNDONE:
        return rows.filter(change_set__undone_at__isnull=False)
    return rows.filter(state=value).exclude(change_set__undone_at__isnull=False)


EARLIER = RecordList(
    key="imports",
    one="import",
    many="imports",
    rows=lambda request: Import.objects.select_related("change_set", "by").defer("headers", "columns", "options"),
    columns=(
        Column(key="file", label="File", value=lambda row: row.file_name, cell=_file, sort="file_name"),
        Column(key="what", label="What is in it", value=lambda row: KINDS.get(row.kind, "Not told yet"), sort="kind"),
        Column(
            key="state",
            label="State",
            value=lambda row: "Undone" if row.undone else row.get_state_display(),
            cell=_state,
        ),
        Column(
            key="rows",
            label="Rows",
            value=lambda row: row.total,
            cell=lambda row: "" if row.total is None else shown.number(row.total),
            number=True,
        ),
        Column(
            key="refused",
            label="Refused",
            value=_refused,
            cell=lambda row: shown.number(_refused(row)) if _refused(row) else "",
            number=True,
        ),
        Column(key="by", label="By", value=lambda row: str(row.by or "")),
        Column(
            key="came",
            label="Uploaded",
            value=lambda row: row.made_at,
            cell=lambda row: shown.when(row.made_at),
            sort="made_at",
        ),
    ),
    filters=(
        Filter(key="q", label="Name of the file", narrow=lambda rows, text: rows.filter(file_name__icontains=text)),
        Filter(
            key="what",
            label="What is in it",
            narrow=lambda rows, value: rows.filter(kind=value),
            choices=lambda: list(KINDS.items()),
        ),
        Filter(
            key="state",
            label="State",
            narrow=_in_state,
            choices=lambda: [*((str(value), str(label)) for value, label in Import.State.choices), (UNDONE, "Undone")],
        ),
    ),
    order="-pk",
    anchor="#earlier",
    template="web/imports/start.html",
    empty="What is brought in is listed here, and can be undone from here.",
)
