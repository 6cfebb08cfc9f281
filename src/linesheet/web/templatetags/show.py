"""How the things a person reads are shown: numbers, money, times, states, reasons."""

import datetime
import json
import re
from collections.abc import Container, Mapping
from decimal import Decimal
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message
from django.template.context import RequestContext
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from linesheet.books.companies import CURRENCIES
from linesheet.sync.differences import in_words
from linesheet.sync.models import Connection, InboxRecord, Item, Run
from linesheet.web.access import May, MemberRequest
from linesheet.web.accounting import Term, terms_of
from linesheet.web.declared import connections, platform_of
from linesheet.web.undoing import TAG

register = template.Library()

_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,6})?")
NOTHING = "\N{EN DASH}"

# Currencies whose smallest unit is not a hundredth.
_DECIMALS = {
    **dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}

_TONES: Mapping[str, str] = {
    Run.State.QUEUED: "waiting",
    Run.State.PLANNING: "live",
    Run.State.PLANNED: "waiting",
    Run.State.RUNNING: "live",
    Run.State.DONE: "good",
    Run.State.PROBLEMS: "warn",
    Run.State.FAILED: "bad",
    Run.State.CANCELLED: "off",
    Item.State.CREATED: "good",
    Item.State.UPDATED: "good",
    Item.State.UNCHANGED: "off",
    Item.State.BLOCKED: "warn",
    InboxRecord.State.KEPT: "waiting",
    InboxRecord.State.STORED: "good",
    InboxRecord.State.HELD: "warn",
    InboxRecord.State.IGNORED: "off",
    InboxRecord.State.SUPERSEDED: "off",
}


@register.filter
def number(value: int | None) -> str:
    """A whole number with its thousands apart."""
    return NOTHING if value is None else f"{value:,}"


@register.simple_tag
def money(amount: Decimal | None, currency: str) -> SafeString | str:
    """An amount, always with its currency."""
    if amount is None:
        return NOTHING
    return format_html(
        '<span class="money">{} <span class="money__currency">{}</span></span>',
        amount_in(amount, currency),
        currency,
    )


@register.filter("amount")
def amount_in(amount: Decimal, currency: str) -> str:
    """An amount with the decimals its currency has, where the currency is told beside it."""
    return f"{amount:,.{_DECIMALS.get(currency, 2)}f}"


@register.filter
def exact(amount: Decimal, currency: str) -> str:
    """An amount with all the decimals it has, and those of its currency at least, so that columns add up."""
    places = max(_DECIMALS.get(currency, 2), -int(amount.normalize().as_tuple().exponent))
    return f"{amount:,.{places}f}"


@register.filter
def percent(share: Decimal) -> str:
    """A share in percent, without zeros that say nothing."""
    return f"{share.normalize():f} %"


@register.filter
def when(moment: datetime.datetime | None) -> SafeString | str:
    """A moment in the company's zone, as short as it can be told from others; in full on hovering."""
    if moment is None:
        return NOTHING
    local, now = timezone.localtime(moment), timezone.localtime()
    if local.date() == now.date():
        short = f"{local:%H:%M}"
    elif local.year == now.year:
        short = f"{local.day} {local:%b %H:%M}"
    else:
        short = f"{local.day} {local:%b %Y}"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment.isoformat(), f"{local:%A %d %B %Y %H:%M:%S %Z}", short
    )


@register.filter
def duration(seconds: float) -> str:
    """About how long something takes."""
    if seconds < 60:
        return "under a minute"
    if seconds < 90 * 60:
        minutes = round(seconds / 60)
        return f"about {minutes} minute{'s' if minutes > 1 else ''}"
    return f"about {round(seconds / 3600)} hours"


@register.filter
def plain(value: Any) -> str:
    """One side of a field change, as text."""
    match value:
        case None | "":
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(plain, value))
    return str(value)


@register.simple_tag
def field_name(path: str, connection: Connection | None = None) -> str:
    """What people call a field that is sent, of its path on the wire; in the platform's words where there is one."""
    return named_field(path, connection)


def named_field(path: str, connection: Connection | None) -> str:
    """The same, for code."""
    platform = platform_of(connection) if connection else None
    return in_words(path, platform.words if platform else {})


@register.simple_tag
def field_value(path: str, value: Any) -> str:
    """One side of a field change as people read it: an amount that stands under a currency with its decimals."""
    currency = next((part for part in path.split(".") if part in CURRENCIES), "")
    if currency and isinstance(value, str | int | float) and _NUMBER.fullmatch(str(value)):
        return exact(Decimal(str(value)), currency)
    return plain(value)


@register.filter
def pretty(body: Any) -> str:
    """JSON on many lines; whatever else it is, as it is."""
    if not isinstance(body, str):
        return json.dumps(body, indent=2, ensure_ascii=False)
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body


@register.filter
def undoes(message: Message) -> int | None:
    """Id of the change set that a message offers to undo."""
    tags = (message.extra_tags or "").split()
    return next((int(tag.removeprefix(TAG)) for tag in tags if tag.startswith(TAG)), None)


@register.filter
def may_run(may: May, connection: Connection) -> bool:
    """Whether one may start and stop work of a connection: `request.may|may_run:connection`."""
    return may.run(connection)


@register.filter
def may_configure(may: May, connection: Connection) -> bool:
    """Whether one may change a connection: `request.may|may_configure:connection`."""
    return may.configure(connection)


@register.inclusion_tag("web/parts/badge.html")
def badge(of: Run | Item | InboxRecord, compared: Container[int] = ()) -> dict[str, str]:
    """The state of a run, an item or an inbox record; `compared` are the legs whose items were only compared."""
    differs = isinstance(of, Item) and of.state == Item.State.BLOCKED and of.leg in (compared or ())
    return {"tone": _TONES[of.state], "label": "Does not match" if differs else str(of.get_state_display())}


@register.inclusion_tag("web/parts/reason.html")
def reason(of: Any, severity: str = "blocker") -> dict[str, str]:
    """Why, and what helps: of anything with `says` and `fix`."""
    given = of if isinstance(of, Mapping) else {"says": of.says, "fix": of.fix}
    return {"says": given["says"], "fix": given["fix"], "severity": given.get("severity", severity)}


@register.inclusion_tag("web/parts/sum.html")
def run_sum(run: Run, terms: list[Term] | None = None, *, compares: bool = False) -> dict[str, Any]:
    """The sum of a run, each number leading to its items. Without `terms`, zeros are left out."""
    shown = terms if terms is not None else [term for term in terms_of(run, compares=compares) if term.number]
    return {"run": run, "terms": shown, "in_page": terms is not None}


_BOOKS = (
    ("products", "Products"),
    ("seasons", "Seasons"),
    ("price_lists", "Price lists"),
    ("customers", "Customers"),
    ("stock", "Stock"),
    ("orders", "Orders"),
    ("imports", "Import"),
)
"""Pages of the books, by the name of their address."""
_BOOKS_TO_SEE = tuple(place for place in _BOOKS if place[0] != "imports")
"""The same for those who may not change them."""


def _places(request: MemberRequest, pages: tuple[tuple[str, str], ...]) -> list[dict[str, Any]]:
    """Where pages are, and whether one is on one of them or below it."""
    found = []
    for name, label in pages:
        try:
            address = reverse(name)
        except NoReverseMatch:
            continue
        found.append({"address": address, "label": label, "here": request.path.startswith(address)})
    return found


@register.inclusion_tag("web/parts/sidebar.html", takes_context=True)
def sidebar(context: RequestContext) -> dict[str, Any]:
    """Where one can go, and as whom one is here."""
    request: MemberRequest = context["request"]
    connection = context.get("connection")
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "connections": connections(request),
        "books": _places(request, _BOOKS if request.may.edit_books else _BOOKS_TO_SEE),
        "here": connection.pk if isinstance(connection, Connection) else None,
    }
