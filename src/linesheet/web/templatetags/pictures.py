"""Small pictures of products, as pages show them."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from linesheet.books.models import Image
from linesheet.books.models.images import SMALL_WIDTHS

register = template.Library()


@register.simple_tag
def small_picture(image: Image | None, width: int, block: str, alt: str = "") -> SafeString:
    """A picture at most so many pixels wide, one of SMALL_WIDTHS, or an empty frame of the same size."""
    if width not in SMALL_WIDTHS:
        raise ValueError(f"There are no small pictures {width} pixels wide.")
    if image is None:
        return format_html('<span class="{0} {0}--none"><span class="hidden">No picture</span></span>', block)
    shown = min(1.0, width / max(image.width, image.height))
    return format_html(
        '<img class="{}" src="{}" width="{}" height="{}" alt="{}" loading="lazy" decoding="async">',
        block,
        reverse("small_picture", args=[image.pk, width]),
        max(1, round(image.width * shown)),
        max(1, round(image.height * shown)),
        alt,
    )
