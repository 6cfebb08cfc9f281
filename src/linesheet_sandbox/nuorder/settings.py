"""Switches of the NuORDER sandbox, each where real portals differ or nothing is known (sheet 13)."""

from linesheet_sandbox.common.settings import Settings


class NuOrderSettings(Settings, kw_only=True):
    """Common settings, with NuORDER's five concurrent requests (sheet 2.5), and the platform's own.

    `public_url` is the base URL clients sign when it cannot be told from the request, as behind a proxy.
    `normalise_2014` stores text as recorded in 2014 (sheet 2.2). `unknown_route_500` answers unrouted and
    empty-body calls with the historic text. `size_pricing` makes the portal price per size (sheet 4.2).
    `brand_users` are the e-mail addresses of the brand's own people: reps must be among them and buyers not
    (sheet 7.3); null, and nobody is asked.
    """

    concurrency: int | None = 5
    public_url: str | None = None
    max_clock_skew: float | None = 300
    check_nonce: bool = True
    normalise_2014: bool = False
    unknown_route_500: bool = False
    size_pricing: bool = False
    buyer_creation_forbidden: bool = False
    brand_users: list[str] | None = None
