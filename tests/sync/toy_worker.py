"""`linesheet worker` for the toy platform, as a process that tests may kill."""

import asyncio

from linesheet.site import boot

if __name__ == "__main__":
    boot.start()
    from linesheet.sync import registry, worker
    from tests.sync.toy import TOY

    registry.platforms = lambda: {"toy": TOY}  # type: ignore[assignment]
    asyncio.run(worker.serve())
