"""Where the page of a record is that a run, or a problem, is about."""

from collections.abc import Callable
from functools import cache

from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from linesheet.sync.models import Connection
from linesheet.sync.platform import Direction
from linesheet.sync.runs import kind_in_books
from linesheet.web.declared import platform_of
from linesheet.web.record_links import record_link


def links_of(connection: Connection) -> Callable[[str, str, str, str], str]:
    """What makes a link of a task, a kind, a record's id and its label, the label alone where there is no page.

    Records on their way out have a page in the books, those that came in are found among the connection's orders.
    """
    platform = platform_of(connection)
    directions = {task.key: task.direction for task in platform.tasks} if platform else {}

    @cache
    def kind_of(task: str, kind: str) -> str:
        return kind_in_books(connection, task, kind)

    def link(task: str, kind: str, record_id: str, label: str) -> str:
        if directions.get(task) is Direction.IN:
            address = reverse("connection_orders", args=[connection.pk])
            return format_html('<a class="strong" href="{}?{}">{}</a>', address, urlencode({"q": label}), label)
        return record_link(kind_of(task, kind) or "-", record_id, label)

    return link
