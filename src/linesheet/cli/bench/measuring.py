"""What a piece of work costs this process."""

import gc
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from linesheet.cli.bench.targets import Figures

T = TypeVar("T")

_PROCESS = Path("/proc/self")


def measured(work: Callable[[], T]) -> tuple[Figures, T]:
    """What the work took, and its result.

    `seconds` by the clock; `cpu_seconds` of all threads of this process, which says more on a busy machine;
    `peak_mb`, the highest memory of the process during the work, that of the interpreter and all modules included.
    """
    gc.collect()
    (_PROCESS / "clear_refs").write_text("5")  # Forgets the peak of what went before.
    began, cpu_began = time.perf_counter(), time.process_time()
    result = work()
    figures = {
        "seconds": round(time.perf_counter() - began, 2),
        "cpu_seconds": round(time.process_time() - cpu_began, 2),
        "peak_mb": _peak_kb() // 1024,
    }
    return figures, result


def _peak_kb() -> int:
    status = (_PROCESS / "status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
