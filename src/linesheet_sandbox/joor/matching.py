"""Which record an item of a v4 list is about: creates refuse a known key, updates need one (sheet 3)."""

from collections.abc import Iterable

from linesheet_sandbox.common.store import Collection, Record
from linesheet_sandbox.joor.envelopes import DUPLICATED, NOT_FOUND, ItemError
from linesheet_sandbox.joor.fields import filled_in, invalid, text_in
from linesheet_sandbox.joor.portal import JoorPortal

Key = tuple[str, str]
"""A field that may identify a record, and the index that finds it: `("product_identifier", "identifier")`."""

EXTERNAL_ID: Key = ("external_id", "external_id")


def check_unknown(kept: Collection, what: str, item: Record, keys: Iterable[Key], besides: str = "") -> None:
    """Refuse an item as DUPLICATED when another record than `besides` has one of its keys."""
    for field, index in keys:
        value = text_in(item, field)
        if value and any(key != besides for key in kept.ids_by(index, value)):
            raise ItemError(DUPLICATED, f"a {what} with {field} {value} exists already")


def known(portal: JoorPortal, kept: Collection, what: str, item: Record, keys: Iterable[Key]) -> Record:
    """The record to update: by `id`, or without one by the first of its own keys, if that is switched on."""
    if reference := text_in(item, "id"):
        return kept.get(reference) or _not_found(what, "id", reference)
    if not portal.settings.update_without_id:
        raise invalid("id missing")
    for field, index in keys:
        if value := text_in(item, field):
            return kept.by(index, value) or _not_found(what, field, value)
    raise invalid("id missing")


def known_by_external_id(kept: Collection, what: str, item: Record) -> Record:
    """The record to update by its `external_id` alone."""
    value = filled_in(item, "external_id")
    return kept.by("external_id", value) or _not_found(what, "external_id", value)


def referred(kept: Collection, what: str, field: str, reference: str) -> Record:
    """The record an item refers to by id."""
    return kept.get(reference) or _not_found(what, field, reference)


def _not_found(what: str, field: str, value: str) -> Record:
    raise ItemError(NOT_FOUND, f"there is no {what} with {field} {value}")
