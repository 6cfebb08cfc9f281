"""Ids as ORDRE reads them: text, as in the contract's example, whatever the hub keeps (sheet ordre.md 6.4)."""

from typing import Annotated, TypeVar

from pydantic import BeforeValidator

from linesheet.sync.serving.pages import PageOf, Tombstone

T = TypeVar("T")


class Removed(Tombstone):
    """A record that is not offered any more."""

    id: Annotated[str, BeforeValidator(str)]  # type: ignore[assignment]  # text here


class Page(PageOf[T]):
    """A page of records. Store `as_of`, and send it as `updated_since` the next time."""

    removed: list[Removed]  # type: ignore[assignment]  # a narrower one
