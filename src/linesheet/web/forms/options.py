"""Answers to choose from, as forms offer them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose; `means` says what it does, `note` marks it ("archived")."""

    value: str
    label: str
    chosen: bool
    means: str = ""
    note: str = ""
