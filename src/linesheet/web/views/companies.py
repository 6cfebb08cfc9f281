"""Which of their companies a person works for."""

from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from linesheet.web.access import MemberRequest


@require_POST
def choose(request: MemberRequest) -> HttpResponseBase:
    """Take another company of this person in hand."""
    mine = {str(member.company_id): member.company_id for member in request.memberships}
    if request.POST.get("company", "") not in mine:
        raise Http404
    request.session["company"] = mine[request.POST["company"]]
    return redirect("home")
