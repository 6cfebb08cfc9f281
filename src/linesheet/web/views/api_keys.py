"""Keys by which programs are let in, of a member and of a connection: made, exchanged and revoked."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods, require_POST

from linesheet.books.models import Member
from linesheet.books.reasons import Refused
from linesheet.sync import api_keys
from linesheet.sync.api_keys import NewKey
from linesheet.sync.called import calls_us
from linesheet.sync.models import ApiKey, Connection
from linesheet.web.access import MemberRequest
from linesheet.web.declared import connection_or_404, connection_to_configure, platform_of
from linesheet.web.forms.api_keys import KeyForm
from linesheet.web.views.called import facts_of

UNDO_SECONDS = 3600


@require_http_methods(["GET", "HEAD", "POST"])
def of_member(request: MemberRequest) -> HttpResponseBase:
    """One's own keys, those of the others for whoever manages members, and a form for a new one."""
    return _keys(request, request.member)


@require_http_methods(["GET", "HEAD", "POST"])
def of_connection(request: MemberRequest, connection_id: int) -> HttpResponseBase:
    """All there is to being called by a connection's platform: address, keys, a form for a new one, the last calls."""
    if request.method == "POST":
        connection = connection_to_configure(request, connection_id, "make API keys")
    else:
        connection = connection_or_404(request, connection_id)
    if not calls_us(platform_of(connection)):
        raise Http404
    return _keys(request, connection)


@require_POST
def rotate(request: MemberRequest, api_key_id: int) -> HttpResponseBase:
    """Make a new key like this one, and show it once."""
    key = _own_key(request, api_key_id)
    try:
        made = api_keys.rotate(key, by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(_page_of(key.owner))
    return _page(request, key.owner, KeyForm(key.owner), made=made)


@require_POST
def revoke(request: MemberRequest, api_key_id: int) -> HttpResponseBase:
    """Have a key open nothing any more; the next page offers to take that back."""
    key = _key(request, api_key_id, anyones=True)
    try:
        api_keys.revoke(key)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        request.session["revoked_key"] = key.pk
    return redirect(_page_of(key.owner))


@require_POST
def take_back(request: MemberRequest, api_key_id: int) -> HttpResponseBase:
    """Undo that a key was revoked, within an hour."""
    key = _key(request, api_key_id, anyones=True)
    if key.revoked_at is None or (timezone.now() - key.revoked_at).total_seconds() > UNDO_SECONDS:
        raise Http404
    try:
        api_keys.take_back(key)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{key} is valid again.")
    return redirect(_page_of(key.owner))


def _keys(request: MemberRequest, owner: Connection | Member) -> HttpResponseBase:
    form = KeyForm(owner, request.POST or None)
    if not form.is_valid():
        return _page(request, owner, form, status=422 if form.is_bound else 200)
    asked = form.cleaned_data
    try:
        made = api_keys.make(owner, asked["name"], asked["scopes"], asked["addresses"], by=request.user)
    except Refused as refused:
        form.add_error("addresses" if refused.reason is api_keys.NO_ADDRESS else "name", str(refused))
        return _page(request, owner, form, status=422)
    return _page(request, owner, KeyForm(owner), made=made)


def _page(
    request: MemberRequest, owner: Connection | Member, form: KeyForm, *, made: NewKey | None = None, status: int = 200
) -> HttpResponseBase:
    """The page of an owner's keys. A new key is in this answer alone: nothing keeps it that one could redirect to."""
    connection = owner if isinstance(owner, Connection) else None
    context: dict[str, Any] = {
        "connection": connection,
        "keys": api_keys.valid_keys_of(owner),
        "most": api_keys.MOST_VALID,
        "a_minute": api_keys.CALLS_A_MINUTE,
        "form": form,
        "made": made,
        "docs": f"/api/{connection.platform}/docs" if connection else "/api/docs",
        "may_make": request.may.configure(connection) if connection else True,
        "revoked": _just_revoked(request),
    }
    if connection:
        context |= facts_of(connection)
    if connection is None and request.may.manage_people:
        valid = ApiKey.objects.filter(member__isnull=False, revoked_at=None).exclude(member=owner)
        context["others"] = valid.select_related("member__user")
    template = "web/api/connection_keys.html" if connection else "web/api/keys.html"
    response = render(request, template, context, status=status)
    if made:
        add_never_cache_headers(response)
    return response


def _just_revoked(request: MemberRequest) -> ApiKey | None:
    found: ApiKey | None = ApiKey.objects.filter(pk=request.session.pop("revoked_key", None)).first()
    return found if found and found.revoked_at else None


def _own_key(request: MemberRequest, pk: int) -> ApiKey:
    return _key(request, pk, anyones=False)


def _key(request: MemberRequest, pk: int, *, anyones: bool) -> ApiKey:
    """A key that the member may deal with; of another member, only where that is said. Raises Http404 or MayNot."""
    keys = ApiKey.objects.select_related("connection", "member__user").defer("connection__credentials")
    key: ApiKey = get_object_or_404(request.may.only_seen(keys), pk=pk)
    if key.connection:
        request.may.configure_or_refuse(key.connection, "change API keys")
    elif key.member_id != request.member.pk and not (anyones and request.may.manage_people):
        raise Http404
    return key


def _page_of(owner: Connection | Member) -> str:
    return resolve_url("connection_keys", owner.pk) if isinstance(owner, Connection) else resolve_url("api_keys")
