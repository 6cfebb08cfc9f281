"""`linesheet worker` for the toy platform, as a process that tests may kill.

With TOY_PLATFORM, `module:NAME`, that is the platform. With TOY_BOOT_ID, a file, it takes itself to be on the machine
that booted with that id. With TOY_KILLED_IN, `module:function`, it kills itself when that function has done its work;
with `module:function:argument`, only when its first argument is that. With TOY_MAIL_PORT, its mail server is there.
"""

import asyncio
import importlib
import os
import signal
from operator import attrgetter
from pathlib import Path
from typing import Any

from linesheet.site import boot


def killed_in(module: str, function: str, argument: str | None = None) -> None:
    """Have the process die, as by kill -9, at the end of a function."""
    *holders, name = function.split(".")
    holder: Any = importlib.import_module(module)
    if holders:
        holder = attrgetter(".".join(holders))(holder)
    work = getattr(holder, name)

    def work_and_die(*args: Any, **kwargs: Any) -> Any:
        result = work(*args, **kwargs)
        if argument is None or args[0] == argument:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(holder, name, work_and_die)


if __name__ == "__main__":
    boot.start()
    from django.conf import settings

    from linesheet.sync import lease, registry, worker

    module, name = os.environ.get("TOY_PLATFORM", "tests.sync.toy:TOY").split(":")
    toy = getattr(importlib.import_module(module), name)
    registry.platforms = lambda: {"toy": toy}  # type: ignore[assignment]
    lease.BOOT_ID = Path(os.environ.get("TOY_BOOT_ID", lease.BOOT_ID))
    if "TOY_MAIL_PORT" in os.environ:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", int(os.environ["TOY_MAIL_PORT"])
    if "TOY_KILLED_IN" in os.environ:
        killed_in(*os.environ["TOY_KILLED_IN"].split(":"))
    asyncio.run(worker.serve())
