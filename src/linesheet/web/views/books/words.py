"""How many of what, in words."""


def counted(number: int, one: str, many: str = "") -> str:
    """A number and what it counts: 1 product, 1,200 products."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
