"""The first start: who comes first opens the company and owns it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.views.decorators.debug import sensitive_post_parameters

from linesheet import demo
from linesheet.books import companies
from linesheet.books.models import Member
from linesheet.books.reasons import Refused
from linesheet.books.tenancy import acting_for
from linesheet.demo import brand
from linesheet.web.entrance.coming_in import come_in
from linesheet.web.forms.people import SetUpForm


@login_not_required
@sensitive_post_parameters("password")
def show(request: HttpRequest) -> HttpResponseBase:
    """The form, and what it makes; closed for ever once there is a user."""
    if companies.is_set_up():
        return redirect("login")
    with_demo = request.POST.get("begin") == "demo"
    form = SetUpForm(request.POST or None, with_demo=with_demo)
    if form.is_valid():
        try:
            owner = _set_up(form.cleaned_data, with_demo=with_demo, hub=request.build_absolute_uri("/").rstrip("/"))
        except Refused as refused:
            if refused.reason is companies.ALREADY_SET_UP:
                messages.error(request, str(refused))
                return redirect("login")
            form.add_error(_FIELDS.get(refused.reason.code), str(refused))
        else:
            come_in(request, owner.user, owner.company)
            return redirect("home")
    status = 422 if form.is_bound else 200
    return render(request, "web/people/set_up.html", {"form": form, "currencies": companies.CURRENCIES}, status=status)


@transaction.atomic
def _set_up(given: dict[str, Any], *, with_demo: bool, hub: str) -> Member:
    """The company, and with it the demo brand's books and connections: all of it, or nothing."""
    owner = companies.set_up(
        given["name"] or brand.NAME,
        owner_email=given["email"],
        password=given["password"],
        currency=given["currency"],
        timezone=given["timezone"],
    )
    if with_demo:
        with acting_for(owner.company):
            demo.fill_books(localdate(timezone=owner.company.zone))
            demo.connect_sandboxes(hub)
    return owner


_FIELDS = {
    companies.COMPANY_NAME.code: "name",
    companies.COMPANY_CURRENCY.code: "currency",
    companies.COMPANY_TIME_ZONE.code: "timezone",
    companies.MEMBER_EMAIL.code: "email",
}
