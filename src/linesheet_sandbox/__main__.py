"""Start a sandbox: `python -m linesheet_sandbox nuorder [--port N] [--state FILE] [--announce FILE] [--furnished]`.

A platform that calls the hub is told where that is by --hub URL and --key KEY, or by the variables
LINESHEET_SANDBOX_HUB and LINESHEET_SANDBOX_KEY.
"""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from linesheet_sandbox.common.sandbox import Sandbox
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
    parser.add_argument("--hub", default=os.environ.get("LINESHEET_SANDBOX_HUB"), help="URL of the hub it is to call")
    parser.add_argument("--key", default=os.environ.get("LINESHEET_SANDBOX_KEY"), help="the key it calls the hub with")
    options = parser.parse_args(arguments)
    sandbox = open_sandbox(options.platform, options.state)
    if options.furnished:
        sandbox.platform.furnish()
    if options.hub or options.key:
        try:
            _tell_of_hub(sandbox, options.hub or "", options.key or "")
        except ValueError as problem:
            parser.error(str(problem))
    try:
        serve(sandbox, options.host, options.port, options.announce)
    except OSError as error:
        said = f"Nothing can listen on {options.host}, port {options.port}: {error.strerror}."
        parser.exit(1, f"{said} Choose another --port.\n")


def _tell_of_hub(sandbox: Sandbox, hub: str, key: str) -> None:
    if sandbox.calls is None:
        raise ValueError(f"{sandbox.platform.name} calls nobody: --hub and --key are of platforms that call the hub")
    if not hub or not key:
        raise ValueError("--hub and --key go together")
    sandbox.calls(hub, key)


if __name__ == "__main__":
    main()
