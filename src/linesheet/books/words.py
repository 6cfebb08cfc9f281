"""Numbers and days as sentences tell them."""

import datetime


def counted(number: int, one: str, many: str = "") -> str:
    """A number and what it counts, or what is said of it: 1 product, 1,200 products; 1 was, 2 were."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def day_in_words(day: datetime.date, *, year: bool = False) -> str:
    """A day without zeros: 3 March, or 3 March 2027."""
    return f"{day.day} {day:%B %Y}" if year else f"{day.day} {day:%B}"
