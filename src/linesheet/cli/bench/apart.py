"""Work in a process of its own: `python -m linesheet.cli.bench.apart MODULE:FUNCTION NUMBER...` prints its result."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pkgutil import resolve_name
from typing import Any


def apart(function: str, *numbers: int, environment: Mapping[str, str] | None = None) -> Any:
    """The result of a function (`module:function`) that a process of its own calls; what it needed is freed with it.

    It works on the installation in hand unless the `environment` names another. Raises CalledProcessError.
    """
    child = subprocess.run(
        [sys.executable, "-m", "linesheet.cli.bench.apart", function, *map(str, numbers)],
        env=os.environ if environment is None else environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(child.stdout.splitlines()[-1])


def main(function: str, *numbers: str) -> None:
    """Bring up the installation, call the function, and print what it returns as JSON."""
    from linesheet.site import boot

    boot.start(migrate=True)
    print(json.dumps(resolve_name(function)(*map(int, numbers))))


if __name__ == "__main__":
    main(*sys.argv[1:])
