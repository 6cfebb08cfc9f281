"""Who may do what: the request of a member, and the roles that may start and stop work."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django_htmx.middleware import HtmxDetails

from linesheet.books.models import Company, Member, User

OPERATORS = (Member.Role.OWNER, Member.Role.OPERATOR)

P = ParamSpec("P")


class MemberRequest(HttpRequest):
    """A request of a member, with their company in hand; `CompanyInHand` makes it one."""

    htmx: HtmxDetails
    held: ExitStack
    user: User
    member: Member
    memberships: list[Member]
    company: Company
    may_operate: bool


View = Callable[Concatenate[MemberRequest, P], HttpResponseBase]


def operators_only(does: str) -> Callable[[View[P]], View[P]]:
    """Let owners and operators in; others see who may. `does` ends the sentence "You may not ..."."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.may_operate:
                return _refused(request, does)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def _refused(request: MemberRequest, does: str) -> HttpResponse:
    operators = Member.objects.filter(role__in=OPERATORS).select_related("user").order_by("pk")
    return render(request, "web/refused.html", {"does": does, "operators": operators}, status=403)
