"""Webhooks of the company: added, tried, what they were told, told once more, switched off and removed."""

from typing import Any, NoReturn

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linesheet.books.reasons import Refused
from linesheet.sync import webhook_sending, webhooks
from linesheet.sync.models import Connection, Delivery, Webhook
from linesheet.sync.watched import watched_of
from linesheet.sync.webhooks import NewWebhook
from linesheet.web import lists
from linesheet.web.access import MemberRequest, owners_only
from linesheet.web.activity.deliveries import deliveries_of
from linesheet.web.forms.webhooks import WebhookForm

_owners = owners_only("change webhooks")


@require_http_methods(["GET", "HEAD", "POST"])
@_owners
def show(request: MemberRequest) -> HttpResponseBase:
    """All webhooks, and a form for a new one."""
    form = WebhookForm(request.POST or None, connection=_meant(request.POST.get("connection", "")))
    if form.is_valid():
        url, events = form.cleaned_data["url"], form.cleaned_data["events"]
        try:
            made = webhooks.add(url, events, connection=form.connection, by=request.user)
        except Refused as refused:
            form.add_error("url", str(refused))
        else:
            return _all(request, WebhookForm(), made=made)
    return _all(request, form, status=422 if form.is_bound else 200)


@_owners
def one(request: MemberRequest, webhook_id: int) -> HttpResponseBase:
    """One webhook with the list of what it was told."""
    webhook = _webhook(webhook_id)
    return lists.show(request, deliveries_of(webhook), _told(webhook))


@require_safe
@_owners
def delivery(request: MemberRequest, delivery_id: int) -> HttpResponse:
    """One message with every attempt; a page of its own where no script asks for it."""
    template = "web/api/_delivery.html" if request.htmx else "web/api/delivery.html"
    return render(request, template, {"delivery": _delivery(delivery_id)})


@require_POST
@_owners
def rotate(request: MemberRequest, webhook_id: int) -> HttpResponseBase:
    """Make a new secret, and show it once."""
    made = webhooks.rotate(_webhook(webhook_id))
    context = {**lists.listed(request, deliveries_of(made.webhook)), **_told(made.webhook)}
    return _answer(request, "web/api/webhook.html", context, made)


@require_POST
@_owners
def test(request: MemberRequest, webhook_id: int) -> HttpResponseBase:
    """Send a message that tells nothing, and say how that went."""
    webhook = _webhook(webhook_id)
    answered = webhook_sending.send_test(webhook)
    if answered.says:
        messages.error(request, f"The test message was not taken. {answered.says}")
    else:
        messages.success(request, f"The test message was taken, in {answered.milliseconds} ms.")
    return redirect("webhook", webhook.pk)


@require_POST
@_owners
def switch(request: MemberRequest, webhook_id: int) -> HttpResponseBase:
    """Switch it off, or on again."""
    webhook = _webhook(webhook_id)
    if webhook.active:
        webhooks.switch_off(webhook)
        messages.success(request, "It is switched off. What waited can be replayed.")
    else:
        webhooks.switch_on(webhook)
        messages.success(request, "It is switched on, and told of what happens from now on.")
    return redirect("webhook", webhook.pk)


@require_POST
@_owners
def remove(request: MemberRequest, webhook_id: int) -> HttpResponseBase:
    """Forget the address and its log."""
    webhook = _webhook(webhook_id)
    webhooks.remove(webhook)
    messages.success(request, f"{webhook} is removed.")
    return redirect("webhooks")


@require_POST
@_owners
def replay(request: MemberRequest, delivery_id: int) -> HttpResponseBase:
    """Send a message once more."""
    found = _delivery(delivery_id)
    try:
        webhooks.replay(found)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "It is sent once more, as a message of its own.")
    return redirect("webhook", found.webhook_id)


def _meant(connection: str) -> Connection | None:
    """The connection whose platform is to be told; none where it is about the company."""
    if not connection:
        return None
    return next((each for each in _told_by_themselves() if str(each.pk) == connection), None) or _not_found()


def _not_found() -> NoReturn:
    raise Http404


def _told_by_themselves() -> list[Connection]:
    """Connections whose platforms may have webhooks of their own."""
    return [each for each in Connection.objects.defer("credentials").order_by("name") if watched_of(each)]


def _webhook(pk: int) -> Webhook:
    plain = Webhook.objects.select_related("connection").defer("secrets", "connection__credentials")
    found: Webhook = get_object_or_404(plain, pk=pk)
    return found


def _delivery(pk: int) -> Delivery:
    with_webhook = Delivery.objects.select_related("webhook").defer("webhook__secrets")
    found: Delivery = get_object_or_404(with_webhook, pk=pk)
    return found


def _all(
    request: MemberRequest, form: WebhookForm, *, made: NewWebhook | None = None, status: int = 200
) -> HttpResponse:
    others = [None, *_told_by_themselves()]
    context = {
        "forms": [form if form.connection == each else WebhookForm(connection=each) for each in others],
        "webhooks": Webhook.objects.defer("secrets").select_related("connection"),
        "most": webhooks.MOST,
    }
    return _answer(request, "web/api/webhooks.html", context, made, status)


def _told(webhook: Webhook) -> dict[str, Any]:
    labels = webhooks.events_of(webhook.connection)
    return {"webhook": webhook, "told": [labels[event] for event in webhook.events if event in labels]}


def _answer(
    request: MemberRequest, template: str, context: dict[str, Any], made: NewWebhook | None, status: int = 200
) -> HttpResponse:
    """A page. A new secret is in this answer alone: nothing keeps it that one could redirect to."""
    response = render(request, template, {**context, "made": made}, status=status)
    if made:
        add_never_cache_headers(response)
    return response
