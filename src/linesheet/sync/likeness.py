"""How like a record of the books is to what a platform names, in percent, and the sentences that say why."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz import utils

MOST_LIKE = 3
"""Records that are told of at most."""
SURE, LIKELY = 90, 75
"""So many percent are sure, and likely; less is a mere perhaps."""
MORE = 2
"""Percent for each further thing that speaks for a record."""
MOST_SCORE = 99
"""Nothing but a person is certain."""


@dataclass(frozen=True, slots=True)
class Like:
    """A record of the books that may be meant: its id, how like it is in percent, and what speaks for it."""

    record_id: int
    score: int
    because: tuple[str, ...]

    def told(self, label: str) -> dict[str, Any]:
        """As a suggestion keeps it."""
        return {"record_id": str(self.record_id), "label": label, "score": self.score, "because": list(self.because)}


@dataclass(slots=True)
class Grounds:
    """What speaks for each record, gathered from several sides."""

    _said: dict[int, dict[str, int]] = field(default_factory=dict)

    def add(self, record_id: int, score: int, because: str) -> None:
        """Something that speaks for a record, and how strongly by itself."""
        said = self._said.setdefault(record_id, {})
        said[because] = max(score, said.get(because, 0))

    def best(self, but: int = 0) -> list[Like]:
        """The records for which most speaks, the likeliest first, without the one whose id is `but`."""
        likes = [_like(pk, said) for pk, said in self._said.items() if pk != but]
        return sorted(likes, key=lambda like: (-like.score, like.record_id))[:MOST_LIKE]


def _like(record_id: int, said: Mapping[str, int]) -> Like:
    strongest = sorted(said.items(), key=lambda each: -each[1])
    score = min(MOST_SCORE, strongest[0][1] + MORE * (len(strongest) - 1))
    return Like(record_id, score, tuple(because for because, _ in strongest))


def bare(text: str) -> str:
    """A text without accents, signs and case, to be compared."""
    if not text.isascii():
        text = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return utils.default_process(text)


def folded(text: str) -> str:
    """A text without needless spaces and case, for what must be equal."""
    return " ".join(text.split()).casefold()


def grouped(pairs: Iterable[tuple[str, Any]]) -> dict[str, list[Any]]:
    """What goes by the same text, however it is written."""
    found: dict[str, list[Any]] = {}
    for text, each in pairs:
        found.setdefault(folded(text), []).append(each)
    return found
