"""The bell: how much one was told and has not read."""

from typing import Any

from django import template
from django.template.context import Context

from linesheet.sync import notifications
from linesheet.sync.models import Notice
from linesheet.web.access import MemberRequest

register = template.Library()

MOST_COUNTED = 99

_TONES = {"failed": "bad", "problems": "warn", "done": "good"}


@register.inclusion_tag("web/notices/bell.html", takes_context=True)
def bell(context: Context) -> dict[str, Any]:
    """The way to the notices, with how many are unread; beyond 99 they are not counted."""
    request: MemberRequest = context["request"]
    unread = request.may.only_seen(notifications.listed(request.member)).filter(read_at=None).order_by()
    count = len(unread.values_list("pk")[: MOST_COUNTED + 1])
    return {"count": count, "most": MOST_COUNTED, "here": request.path.startswith("/notices/")}


@register.inclusion_tag("web/parts/badge.html")
def severity_badge(notice: Notice) -> dict[str, str]:
    """How the run ended that a notice is about."""
    return {"tone": _TONES[notice.severity], "label": str(notice.get_severity_display())}
