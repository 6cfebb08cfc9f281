"""Logging a person in who has just become one, without asking for the password they gave a moment ago."""

from django.contrib.auth import login
from django.http import HttpRequest

from linesheet.books.models import Company, User
from linesheet.web.entrance.adapters import keep_address

_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def come_in(request: HttpRequest, user: User, company: Company) -> None:
    """Log a new person in, with the company in hand that they came for."""
    keep_address(user)
    login(request, user, backend=_BACKEND)
    request.session["company"] = company.pk
