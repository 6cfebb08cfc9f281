"""Does the checker notice? Breaks the core on purpose, one promise at a time, and plays seeds until one fails.

    .venv/bin/python tools/mutations.py [--seeds 30] [NAME ...]

Each mutation changes one place of a copy of the package, and the campaign runs on the copy. That takes minutes each, so
it is a tool for who changes the checker, not a test; `tests/cli/test_mutations.py` sees to it that every place is still
there. The names and the figures of the last time are in docs/proof.md.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"


@dataclass(frozen=True, slots=True)
class Mutation:
    """`old` stands once in the file, below src/linesheet, and becomes `new`."""

    file: str
    old: str
    new: str


MUTATIONS = {
    "the fence lets everybody write": Mutation(
        "sync/lease.py", 'raise Stopped("Another worker has taken this run.")', "return"
    ),
    "calls go out after the lease is over": Mutation(
        "sync/lease.py", "holds = time.monotonic() < self._holds_until - SAFETY_SECONDS", "holds = True"
    ),
    "a run is taken while another worker holds it": Mutation(
        "sync/lease.py", "AND (lease_until IS NULL OR lease_until < clock_timestamp())\n", "\n"
    ),
    "a dead worker's run is not taken over": Mutation("sync/takeover.py", "runs.enqueue(run)", "pass"),
    "a record without an answer is sent again unread": Mutation(
        "sync/sending.py", "                        unsure, left = left, []", "                        unsure = []"
    ),
    "a record that is not there on reading back is left": Mutation(
        "sync/sending.py", "return held is None", "return False"
    ),
    "an accepted record gets no link": Mutation("sync/journal.py", "    if links:", "    if links and False:"),
    "outcomes are not counted": Mutation(
        "sync/journal.py", "F(counter) + count for counter", "F(counter) for counter"
    ),
    "a cancellation is not heard": Mutation("sync/lease.py", "self.cancelled, pause = row", "_, pause = row"),
    "the inbox keeps every answer as a new version": Mutation(
        "sync/keeping.py", "row = versions.get(content_hash)",
        'row, content_hash = None, f"{content_hash[:40]}{timezone.now():%S%f}"',
    ),
    "an order is acknowledged before it is kept": Mutation(
        "platforms/nuorder/orders.py", "payload = await self._client.order(order_id)",
        "payload = await self._client.order(order_id)\n"
        "            await self._client.set_order_status(order_id, PROCESSED)",
    ),
    "a stored order is not acknowledged": Mutation(
        "sync/acknowledging.py", "answers = await leg.acknowledge_many(", "answers = [None] * len(rows) or ("
    ),
    "a picture goes into the books without its file": Mutation(
        "books/images.py", "            default_storage.save(image.storage_name, ContentFile(content))",
        "            with contextlib.suppress(OSError):\n"
        "                default_storage.save(image.storage_name, ContentFile(content))",
    ),
}  # fmt: skip
IMPORTS = {"books/images.py": "import contextlib\n"}


def mutated(mutation: Mutation) -> str:
    """The file's text with the mutation in it. Raises LookupError unless `old` stands there once."""
    text = (SOURCE / "linesheet" / mutation.file).read_text()
    if (times := text.count(mutation.old)) != 1:
        raise LookupError(f"{mutation.file} has {mutation.old!r} {times} times.")
    start = text.index('"""', 3) + 4
    text = text[:start] + IMPORTS.get(mutation.file, "") + text[start:]
    return text.replace(mutation.old, mutation.new)


def noticed(mutation: Mutation, seeds: int, at_once: int) -> str:
    """How the campaign on a mutated copy ended, in a few words."""
    with tempfile.TemporaryDirectory(prefix="linesheet-mutation-") as folder:
        package = Path(folder) / "linesheet"
        shutil.copytree(SOURCE / "linesheet", package, ignore=shutil.ignore_patterns("__pycache__"))
        (package / mutation.file).write_text(mutated(mutation))
        played = subprocess.run(
            [sys.executable, "-c", "from linesheet.cli.main import main; main()", "faults", "--json", "--stop",
             "--seeds", str(seeds), "--at-once", str(at_once)],
            env={**os.environ, "PYTHONPATH": folder}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
    account = json.loads(played.stdout)
    if not account["failed"]:
        return f"NOT noticed in {account['seeds']} seeds"
    first = account["failed"][0]
    return f"noticed by seed {first['seed']}, after {account['passed']} that passed: {first['wrong'][0][:160]}"


def main() -> None:
    """Print a line for each mutation."""
    parser = argparse.ArgumentParser(description="Does the checker notice?")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--at-once", type=int, default=4)
    options = parser.parse_args()
    for name in options.names or MUTATIONS:
        print(f"{name}: {noticed(MUTATIONS[name], options.seeds, options.at_once)}", flush=True)


if __name__ == "__main__":
    main()
