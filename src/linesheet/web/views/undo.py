"""Taking back what was just done."""

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from linesheet.books import changes
from linesheet.books.models import ChangeSet, Import
from linesheet.books.reasons import Refused
from linesheet.sync import imports as work
from linesheet.sync.moves import check_undo
from linesheet.web.access import MemberRequest
from linesheet.web.going_back import way_back
from linesheet.web.undoing import is_of_import, may_undo

TOLD = 5
"""How many of the rows that stayed as they are a message names."""


@require_POST
def undo(request: MemberRequest, change_set_id: int) -> HttpResponseBase:
    """Undo a change set, tell what stayed and why, and go back to where one was (`next`).

    That of an import goes to a worker.
    """
    change_set = get_object_or_404(ChangeSet.objects.all(), pk=change_set_id)
    if not may_undo(request, change_set):
        # What was done is not for everybody to read either.
        raise Http404
    if is_of_import(change_set):
        return _undo_import(request, change_set)
    try:
        check_undo(change_set)
        undone = changes.undo(change_set, by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(way_back(request))
    if undone.kept_rows:
        more = undone.kept_rows - len(undone.kept[:TOLD])
        told = [*undone.kept[:TOLD], *([f"So do {more:,} more."] if more else [])]
        part = "Undone, except for this" if undone.taken_back else "Nothing was undone"
        messages.warning(request, f"{part}: {' '.join(told)}")
    else:
        messages.success(request, f"Undone: “{change_set.says}”")
    return redirect(way_back(request))


def _undo_import(request: MemberRequest, change_set: ChangeSet) -> HttpResponseBase:
    """Have a worker take back what an import did, which may be much, and show the import. Raises Http404."""
    imported = get_object_or_404(Import.objects.all(), change_set=change_set)
    try:
        work.start_undo(imported, by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("import", imported.pk)
