"""The "Why?" beside a record: a link to its explanation, which scripts show in the page's one dialog instead."""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

KINDS = ("product", "customer", "order", "record", "item")
"""What can be explained; a record is one that a platform gave us, an item one of a run."""


def why_link(kind: str, pk: int | str, label: str, css: str = "why-link") -> SafeString:
    """The link that asks why a record is where it is; "" for kinds that nothing explains."""
    if kind not in KINDS or not str(pk).isdecimal():
        return SafeString("")
    return format_html(
        '<a class="{}" href="{}" hx-get="{}" hx-target="#why" hx-swap="innerHTML" hx-select="unset" hx-params="none"'
        ' hx-push-url="false" data-opens="why" aria-haspopup="dialog">Why?<span class="hidden"> {}</span></a>',
        css,
        address := reverse("explain", args=[kind, pk]),
        address,
        label,
    )
