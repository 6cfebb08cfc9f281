"""Files around an import: those to begin from, and the rows that were refused."""

import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path, PurePath

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from linesheet.books import imports
from linesheet.books.files.importing import IMPORTERS
from linesheet.books.files.report import FileUnreadable
from linesheet.books.files.template import write_template
from linesheet.books.models import Season
from linesheet.books.tenancy import acting_for
from linesheet.web.access import MemberRequest, editors_only
from linesheet.web.views.imports import import_or_404

TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@require_safe
def template(request: MemberRequest, kind: str, format: str) -> HttpResponse:
    """An example file of a kind, with the columns most files have, for the latest season."""
    if kind not in IMPORTERS or format not in TYPES:
        raise Http404
    season = Season.objects.filter(archived=False).order_by("-starts_on").first()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{kind}.{format}"
        write_template(kind, path, **({"season": season.name} if season else {}))
        response = HttpResponse(path.read_bytes(), content_type=TYPES[format])
    response["Content-Disposition"] = f'attachment; filename="{kind}.{format}"'
    return response


@require_safe
@editors_only("import files")
def refused(request: MemberRequest, import_id: int) -> HttpResponseBase:
    """The refused rows as they were, with why and what helps; to be corrected and uploaded again."""
    imported = import_or_404(import_id)
    lines = _held(imports.refused_rows(imported), request.company.pk)
    try:
        # What can go wrong does so before the first line.
        first = next(lines)
    except (imports.ImportRefused, FileUnreadable) as error:
        messages.error(request, str(error))
        return redirect("import", imported.pk)
    response = StreamingHttpResponse(chain(["\N{BYTE ORDER MARK}", first], lines), content_type="text/csv")
    name = f"{PurePath(imported.file_name).stem} refused.csv"
    response.headers["Content-Disposition"] = "attachment; filename*=UTF-8''" + _quoted(name)
    return response


def _held(lines: Iterator[str], company: int) -> Iterator[str]:
    """The lines with the company in hand, which the request has let go by the time most of them are sent."""
    while True:
        with acting_for(company):
            line = next(lines, None)
        if line is None:
            return
        yield line


def _quoted(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="")
