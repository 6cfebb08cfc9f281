"""The "Why?" beside a record: a link to its explanation, which scripts show in the page's one dialog instead."""

from collections.abc import Callable
from functools import cache

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from linesheet.sync.models import Connection, Item
from linesheet.sync.runs import kind_in_books

KINDS = ("product", "customer", "order", "record", "item")
"""What can be explained; a record is one that a platform gave us, an item one of a run."""


def why_mark(kind: str, pk: int | str, label: str) -> SafeString:
    """The same as a mere "?", for rows that are narrow."""
    return why_link(kind, pk, label, "why-link why-link--mark", "?")


def why_link(kind: str, pk: int | str, label: str, css: str = "why-link", shown: str = "Why?") -> SafeString:
    """The link that asks why a record is where it is; "" for kinds that nothing explains."""
    if kind not in KINDS or not str(pk).isdecimal():
        return SafeString("")
    return format_html(
        '<a class="{}" href="{}" hx-get="{}" hx-target="#why" hx-swap="innerHTML" hx-select="unset" hx-params="none"'
        ' hx-push-url="false" data-opens="why" aria-haspopup="dialog" aria-label="Why? {}">{}</a>',
        css,
        address := reverse("explain", args=[kind, pk]),
        address,
        label,
        shown,
    )


def item_whys(connection: Connection) -> Callable[[str, Item], str]:
    """What makes the link of a task and an item of it; "" for what is neither in the books nor in the inbox."""

    @cache
    def kind_of(task: str, kind: str) -> str:
        return kind_in_books(connection, task, kind)

    def link(task: str, item: Item) -> str:
        explained = item.inbox_id or (item.record_id.isdecimal() and kind_of(task, item.kind) in KINDS)
        return why_link("item", item.pk, item.label) if explained else ""

    return link
