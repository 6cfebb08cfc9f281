"""Start a sandbox: `python -m linesheet_sandbox nuorder [--port N] [--state FILE] [--announce FILE] [--furnished]`."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from linesheet_sandbox.common.server import serve
from linesheet_sandbox.registry import open_sandbox, sandbox_names


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one sandbox until it is told to stop."""
    parser = argparse.ArgumentParser(prog="python -m linesheet_sandbox", description=__doc__)
    parser.add_argument("platform", choices=sandbox_names())
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free port")
    parser.add_argument("--state", type=Path, help="file that keeps the state across restarts")
    parser.add_argument("--announce", type=Path, help="file to say in where it is, instead of on standard output")
    parser.add_argument("--furnished", action="store_true", help="set up what a brand's account has when it begins")
    options = parser.parse_args(arguments)
    sandbox = open_sandbox(options.platform, options.state)
    if options.furnished:
        sandbox.platform.furnish()
    try:
        serve(sandbox, options.host, options.port, options.announce)
    except OSError as error:
        said = f"Nothing can listen on {options.host}, port {options.port}: {error.strerror}."
        parser.exit(1, f"{said} Choose another --port.\n")


if __name__ == "__main__":
    main()
