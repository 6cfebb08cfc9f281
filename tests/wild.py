"""How long to look for wild input: LINESHEET_WILD=100 takes a hundred times as many examples."""

import os

TIMES = int(os.environ.get("LINESHEET_WILD", "1"))


def examples(few: int) -> int:
    """Number of examples where `few` are enough for every day."""
    return few * TIMES
