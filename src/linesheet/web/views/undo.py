"""Taking back what was just done."""

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from linesheet.books import changes
from linesheet.books.models import ChangeSet
from linesheet.books.reasons import Refused
from linesheet.sync.moves import check_undo
from linesheet.web.access import MemberRequest
from linesheet.web.undoing import may_undo

TOLD = 5
"""How many of the rows that stayed as they are a message names."""


@require_POST
def undo(request: MemberRequest, change_set_id: int) -> HttpResponseBase:
    """Undo a change set, tell what stayed and why, and go back to where one was (`next`)."""
    change_set = get_object_or_404(ChangeSet.objects.all(), pk=change_set_id)
    if not may_undo(request, change_set):
        messages.error(request, f"In {request.company} your role may not undo this: {change_set.says}")
        return _back(request)
    try:
        check_undo(change_set)
        undone = changes.undo(change_set, by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return _back(request)
    if undone.kept_rows:
        more = undone.kept_rows - len(undone.kept[:TOLD])
        told = [*undone.kept[:TOLD], *([f"So do {more:,} more."] if more else [])]
        part = "Undone, except for this" if undone.taken_back else "Nothing was undone"
        messages.warning(request, f"{part}: {' '.join(told)}")
    else:
        messages.success(request, f"Undone: {change_set.says}")
    return _back(request)


def _back(request: MemberRequest) -> HttpResponseBase:
    where = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(where, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return redirect(where)
    return redirect("home")
