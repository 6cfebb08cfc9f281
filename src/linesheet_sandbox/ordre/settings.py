"""Switches of the ORDRE sandbox (sheet ordre.md 6.1, 6.3)."""

from typing import Annotated

import msgspec

from linesheet_sandbox.common.settings import Settings

Seconds = Annotated[float, msgspec.Meta(ge=0, le=86_400)]
Interval = Annotated[float, msgspec.Meta(ge=0.01, le=86_400)]


class OrdreSettings(Settings, kw_only=True):
    """Common settings and ORDRE's own.

    `collect_seconds` is the time from one collect to the next, null for only when asked. `page_limit` is the size of
    a page (sheet 6.3). `collect_images` fetches pictures too, at most `images_a_collect` in each collect (null is
    all), so that a first collect of thousands leaves calls to other things (sheet 6.1); one that is looked at before is
    fetched then. Without `keep_images` their bytes are forgotten, to be able to take very many. `collect_inventory`
    fetches stock, off by default as it is at the hub (sheet 6.2).

    `patience_seconds` is how long one call may take. `tries` is how often a call is made that had no answer, or was
    told to come later; between two tries ORDRE waits as the answer says, at most `longest_wait_seconds`. To have called
    too often (429) is no try. When the answer says more than a minute, it gives up. What was given up is submitted
    again on the timer.
    """

    collect_seconds: Interval | None = None
    page_limit: Annotated[int, msgspec.Meta(ge=1, le=500)] = 100
    collect_images: bool = True
    images_a_collect: Annotated[int, msgspec.Meta(ge=0)] | None = 80
    keep_images: bool = True
    collect_inventory: bool = False
    patience_seconds: Interval = 30
    tries: Annotated[int, msgspec.Meta(ge=1, le=20)] = 4
    longest_wait_seconds: Seconds = 60
