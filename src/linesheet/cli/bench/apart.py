"""Measures one bench in this process: `python -m linesheet.cli.bench.apart NAME SIZE` prints its figures as JSON."""

import json
import sys
from pkgutil import resolve_name

from linesheet.cli.bench.targets import BENCHES
from linesheet.site import boot


def main(name: str, size: int) -> None:
    """Run the bench on the installation in hand, which is a fresh one."""
    boot.start(migrate=True)
    chosen = BENCHES[name]
    measure = resolve_name(chosen.measure)
    figures = measure(size)
    print(json.dumps({**figures, "met": chosen.met(figures)}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
