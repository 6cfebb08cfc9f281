"""The reference of an order, made of ORDRE's number and the PO number by a template (sheet ordre.md R7)."""

from string import Formatter

REFERENCE = "{order_number} / {po_number}"
LONGEST = 120
_NUMBER, _PO = "order_number", "po_number"


def reference(template: str, order_number: str, po_number: str) -> str:
    """What an order is called; the number alone where there is no PO, or the template is none (sheet ordre.md 4)."""
    po = po_number.strip()
    if not po:
        return order_number
    if not template or refused(template):
        template = REFERENCE
    return template.format(order_number=order_number, po_number=po)[:LONGEST]


def refused(template: str) -> tuple[str, str] | None:
    """What keeps a text from being a template, and what helps; None when it is one."""
    like = f"Write it like {REFERENCE}."
    try:
        parts = list(Formatter().parse(template))
    except ValueError:
        return "has a brace without its other half", like
    names = [name for _, name, _, _ in parts if name is not None]
    if unknown := [name for name in names if name not in (_NUMBER, _PO)]:
        return f"asks for {{{unknown[0]}}}, and an order has no such number", like
    if any(form or conversion for _, _, form, conversion in parts):
        return "has more than a name in its braces", like
    if _NUMBER not in names:
        return "leaves out {order_number}, so that orders would be called alike", like
    return None
