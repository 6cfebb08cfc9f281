"""`linesheet worker` for the toy platform, as a process that tests may kill.

With TOY_BOOT_ID, a file, it takes itself to be on the machine that booted with that id.
"""

import asyncio
import os
from pathlib import Path

from linesheet.site import boot

if __name__ == "__main__":
    boot.start()
    from linesheet.sync import lease, registry, worker
    from tests.sync.toy import TOY

    registry.platforms = lambda: {"toy": TOY}  # type: ignore[assignment]
    lease.BOOT_ID = Path(os.environ.get("TOY_BOOT_ID", lease.BOOT_ID))
    asyncio.run(worker.serve())
