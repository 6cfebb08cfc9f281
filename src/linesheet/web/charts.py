"""Small charts, drawn by the server: bars for days, and a bar for a share."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from linesheet.books.words import day_in_words

WIDTH = 300
HEIGHT = 60
GAP = 2
LEAST = 1.5
"""Height of the bar of a day that had little, so that it is told from a day that had nothing."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One day: where its bar stands, in the units of the drawing, as they are written there."""

    day: datetime.date
    value: int
    x: float
    y: float
    width: float
    height: float

    @property
    def says(self) -> str:
        """What it says on hovering."""
        return f"{day_in_words(self.day)}: {self.value:,}"


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars for days, one after the other; `help` says what is counted."""

    title: str
    bars: Sequence[Bar]
    help: str = ""

    @property
    def box(self) -> str:
        """The drawing's view box."""
        return f"0 0 {WIDTH} {HEIGHT}"

    @property
    def total(self) -> int:
        """All days together."""
        return sum(bar.value for bar in self.bars)

    @property
    def most(self) -> int:
        """The most of one day, to which the tallest bar stands."""
        return max((bar.value for bar in self.bars), default=0)

    @property
    def summary(self) -> str:
        """What the picture shows, in words."""
        if not self.bars:
            return f"{self.title}: no days."
        first, last = self.bars[0].day, self.bars[-1].day
        span = f"{self.title} from {day_in_words(first)} to {day_in_words(last)}"
        if not self.total:
            return f"{span}: none."
        top = max(self.bars, key=lambda bar: bar.value)
        empty = sum(not bar.value for bar in self.bars)
        without = f", none on {empty} of {len(self.bars)} days" if empty else ""
        return f"{span}: {self.total:,} in all, most on {day_in_words(top.day)} with {top.value:,}{without}."


def daily(title: str, days: Sequence[datetime.date], values: Sequence[int], help: str = "") -> Chart:
    """A chart of one value a day; the tallest bar fills the height."""
    most = max(values, default=0)
    step = WIDTH / max(1, len(days))
    bars = []
    for number, (day, value) in enumerate(zip(days, values, strict=True)):
        height = max(LEAST, round(HEIGHT * value / most, 2)) if value else 0
        bars.append(Bar(day, value, round(number * step, 2), round(HEIGHT - height, 2), round(step - GAP, 2), height))
    return Chart(title, bars, help)


def by_day(charts: Sequence[Chart]) -> list[tuple[str, list[str]]]:
    """The same as a table, for charts of the same days: each day with its numbers, the latest first."""
    rows = zip(*(chart.bars for chart in charts), strict=True)
    return [(day_in_words(bars[0].day), [f"{bar.value:,}" for bar in bars]) for bars in reversed(list(rows))]
