"""Fields of forms, ours and those of the libraries, drawn alike."""

from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, RadioSelect

register = template.Library()


@register.inclusion_tag("web/parts/field.html")
def field(of: BoundField, label: str = "", help: str = "", focus: bool = False) -> dict[str, Any]:
    """A label, the input, its help and what is wrong with it, tied together for those who listen."""
    widget = of.field.widget
    attributes = widget.attrs
    attributes.pop("placeholder", None)
    if not isinstance(widget, CheckboxInput | RadioSelect):
        attributes["class"] = "input"
    help = help or str(of.help_text if label == "" else "")
    described = [f"{of.auto_id}-help"] if help else []
    if of.errors:
        attributes["aria-invalid"] = "true"
        described.append(f"{of.auto_id}-error")
    if described:
        attributes["aria-describedby"] = " ".join(described)
    if focus:
        attributes["autofocus"] = True
    return {"field": of, "label": label or of.label, "help": help}
