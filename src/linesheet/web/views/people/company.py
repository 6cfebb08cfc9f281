"""The company: its name, and what new things in its books begin with."""

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from linesheet.books import companies
from linesheet.books.models import Company
from linesheet.books.reasons import Refused
from linesheet.sync import schedules
from linesheet.web.access import MemberRequest, owners_only
from linesheet.web.forms.people import CompanyForm


@require_http_methods(["GET", "HEAD", "POST"])
@owners_only("change the company")
def show(request: MemberRequest) -> HttpResponseBase:
    """The form, and saving it."""
    form = CompanyForm(request.company, request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        changed = Company.objects.get(pk=request.company.pk)
        try:
            companies.change_company(
                changed,
                name=given["name"],
                currency=given["currency"],
                timezone=given["timezone"],
                barcode_type=Company.BarcodeType(given["barcode_type"]),
            )
        except Refused as refused:
            form.add_error("currency" if refused.reason is companies.COMPANY_CURRENCY else "name", str(refused))
        else:
            if changed.timezone != request.company.timezone:
                schedules.move_to_zone_of(changed)
            messages.success(request, "Saved.")
            return redirect("company")
    status = 422 if form.is_bound else 200
    return render(request, "web/people/company.html", {"form": form, "currencies": companies.CURRENCIES}, status=status)
