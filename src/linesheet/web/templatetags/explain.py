"""The "Why?" of templates."""

from django import template
from django.utils.safestring import SafeString

from linesheet.web.why import why_link

register = template.Library()


@register.simple_tag
def why(kind: str, pk: int | str, label: object, css: str = "why-link") -> SafeString:
    """{% why "product" product.pk product %}: asks why it is where it is; `css` is "button" among other buttons."""
    return why_link(kind, pk, str(label), css)
