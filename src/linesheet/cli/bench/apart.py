"""Measures one bench in this process: `python -m linesheet.cli.bench.apart NAME SIZE` prints its figures as JSON."""

import json
import resource
import sys
import time
from pkgutil import resolve_name

from linesheet.cli.bench.targets import BENCHES
from linesheet.site import boot


def main(name: str, size: int) -> None:
    """Run the bench on the installation in hand, which is a fresh one."""
    boot.start(migrate=True)
    chosen = BENCHES[name]
    measure = resolve_name(chosen.measure)
    began = time.process_time()
    figures = measure(size)
    figures["cpu_seconds"] = round(time.process_time() - began, 2)
    figures["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps({**figures, "met": chosen.met(figures)}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
