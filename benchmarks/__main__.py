"""`make bench`: speed and memory of the core, as JSON. Each bench runs in a process of its own.

python -m benchmarks [NAME ...] [--skus N] [--orders N]
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from typing import Any

from benchmarks.benches import BENCHES


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHES)}; all unless given")
    parser.add_argument("--skus", type=int, default=20_000)
    parser.add_argument("--orders", type=int, default=1_000)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        print(json.dumps(measured(options.names[0], options.skus, options.orders)))
        return
    results = {name: apart(name, options) for name in options.names or BENCHES}
    print(json.dumps(results, indent=2))


def apart(name: str, options: argparse.Namespace) -> Any:
    """The bench's figures, from a process and a database of its own."""
    with tempfile.TemporaryDirectory(prefix="linesheet-bench-") as folder:
        child = subprocess.run(
            [
                sys.executable,
                "-m",
                "benchmarks",
                name,
                "--inside",
                f"--skus={options.skus}",
                f"--orders={options.orders}",
            ],
            env={**os.environ, "LINESHEET_DATA": folder, "LINESHEET_LOG_LEVEL": "ERROR"},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    return json.loads(child.stdout.splitlines()[-1])


def measured(name: str, skus: int, orders: int) -> dict[str, Any]:
    """Run one bench here; its figures and the peak memory of this process."""
    from linesheet.site import boot

    boot.start(migrate=True)
    figures = BENCHES[name](skus, orders)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**figures, "peak_mb": round(peak)}


if __name__ == "__main__":
    main()
