"""Where the page of a record of the books is."""

from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html


def record_link(of: str, record_id: str, label: str) -> str:
    """The record's label, leading to its page where records of its kind have one."""
    try:
        address = reverse(of, args=[record_id])
    except NoReverseMatch:
        return label
    return format_html('<a class="strong" href="{}">{}</a>', address, label)
