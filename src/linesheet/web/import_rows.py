"""The rows of an imported file as a list: what became of each, or would."""

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.html import format_html

from linesheet.books.models import Import, ImportRow
from linesheet.web.importing import OUTCOMES
from linesheet.web.lists import Column, Filter, RecordList
from linesheet.web.templatetags import show as shown

MOST_COUNTED = 10_000
_TONES = {"refused": "bad", "unchanged": "off"}


def rows_of(imported: Import) -> RecordList:
    """The rows of an import in the order of the file; none while a worker is at it, as they come all at once."""
    settled = imported.state not in Import.AT_WORK

    def outcome(row: ImportRow) -> str:
        return _outcome(row, undone=imported.undone)

    return RecordList(
        key="import-rows",
        one="row",
        many="rows",
        rows=lambda request: imported.rows.all() if settled else imported.rows.none(),
        columns=(
            Column(key="number", label="Row", value=lambda row: row.number, sort="number", number=True),
            Column(key="begins", label="Begins with", value=lambda row: row.label, cell=_label),
            Column(key="outcome", label="Outcome", value=lambda row: row.state.capitalize(), cell=outcome),
            Column(key="why", label="Why", value=lambda row: row.says, cell=_why),
            Column(key="fix", label="What helps", value=lambda row: row.fix, usual=False),
            Column(key="code", label="Reason", value=lambda row: row.reason, usual=False),
            Column(key="column", label="Column", value=lambda row: row.column, usual=False),
            Column(key="value", label="Value", value=lambda row: row.value, usual=False),
        ),
        filters=(
            Filter(key="q", label="Row begins with", narrow=_beginning),
            Filter(
                key="show",
                label="Outcome",
                narrow=lambda rows, value: rows.filter(state=value),
                choices=lambda: [(outcome, outcome) for outcome in OUTCOMES],
            ),
        ),
        order="number",
        label=lambda row: f"row {row.number}",
        count_most=MOST_COUNTED,
        everything="show=",
        anchor="#import-rows",
        template="web/imports/import.html",
    )


def _beginning(rows: "QuerySet[ImportRow]", text: str) -> "QuerySet[ImportRow]":
    return rows.filter(label__istartswith=text)


def _label(row: ImportRow) -> str:
    return format_html('<span class="breaks">{}</span>', row.label) if row.label else ""


def _outcome(row: ImportRow, *, undone: bool) -> str:
    label, tone = row.state.capitalize(), _TONES.get(row.state, "good")
    if undone and tone == "good":
        label, tone = f"Was {row.state}", "off"
    return format_html('<span class="badge badge--{}">{}</span>', tone, label)


def _why(row: ImportRow) -> str:
    if not row.says:
        return ""
    reason = render_to_string("web/parts/reason.html", shown.reason(row))
    if not row.column:
        return reason
    value = f": {row.value}" if row.value else ""
    return format_html('{}<p class="quiet breaks">Column {}{}</p>', reason, row.column, value)
