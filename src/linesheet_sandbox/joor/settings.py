"""Switches of the JOOR sandbox, each where the pages differ or nothing is known (sheet joor.md 11 and 14)."""

from typing import Annotated

import msgspec

from linesheet_sandbox.common.settings import Settings

Seconds = Annotated[float, msgspec.Meta(ge=0)]
Count = Annotated[int, msgspec.Meta(ge=1)]

MEGABYTE = 1024 * 1024


class JoorSettings(Settings, kw_only=True):
    """Common settings and JOOR's own.

    `throttle`, `credits` and `window_seconds` are the rate limit (sheet 2). `access_seconds` and `refresh_seconds`
    are what a v4 token lasts (sheet 1). `v4_list_limit` and `v2_list_limit` are the most items of one write; null
    is any number; `page_size_limit` is the largest page. `item_error_status` answers a v4 write of which every item
    failed.

    `full_matrix` refuses SKUs that leave a gap in a product's colours x sizes; off, JOOR fills the gap itself
    (sheet 3.2). `update_without_id` lets `bulk_update` find an item by its own keys (sheet 3).
    `image_bytes` to `fetch_seconds` are what assets are held to (sheet 3.6); without `keep_images` their bytes are
    looked at and forgotten, to be able to take very many.

    `sync_marks`: a v2 order list with `sync=1` marks what it returns as exported. `empty_list_as_text` and
    `season_name_present` shape v2 orders, `required_fields` must be filled for an order to be exported (sheet 7.2).
    `matching_delay` is how many seconds a new customer waits for JOOR's people, null until somebody confirms it by
    hand (sheet 6). `job_seconds` is how long a bulk job takes, null for ever.
    """

    throttle: bool = True
    credits: Count = 300
    window_seconds: Seconds = 300
    access_seconds: Seconds = 36_000
    refresh_seconds: Seconds = 7_776_000
    v4_list_limit: Count | None = 500
    v2_list_limit: Count | None = 5000
    page_size_limit: Count | None = 200
    item_error_status: int = 400
    full_matrix: bool = True
    update_without_id: bool = True
    image_bytes: Count = 10 * MEGABYTE
    video_bytes: Count = 15 * MEGABYTE
    filename_length: Count = 100
    fetch_seconds: Seconds = 10
    keep_images: bool = True
    sync_marks: bool = True
    empty_list_as_text: bool = False
    season_name_present: bool = True
    required_fields: list[str] = msgspec.field(default_factory=list)
    matching_delay: Seconds | None = None
    job_seconds: Seconds | None = 1
