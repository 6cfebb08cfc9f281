"""The calls Linesheet makes to JOOR: both generations of its API behind one door (sheet joor.md 1)."""

from linesheet.platforms.joor.addresses import Addresses
from linesheet.platforms.joor.auth import Credentials, Scheme, Tokens
from linesheet.platforms.joor.client_v2 import ClientV2
from linesheet.platforms.joor.client_v4 import ClientV4
from linesheet.sync.transport import Transport


class JoorClient:
    """One account: `v4` for the catalogue and for order states, `v2` for stock, customers and orders (sheet 1, 3)."""

    def __init__(
        self, transport: Transport, addresses: Addresses, credentials: Credentials, scheme: Scheme = Scheme.OAUTH2
    ) -> None:
        self._transport = transport
        self.credentials = credentials
        self.tokens = Tokens(transport.at(addresses.auth), credentials)
        self.v4 = ClientV4(transport.at(addresses.v4), self.tokens, credentials.account_id)
        self.v2 = ClientV2(transport.at(addresses.v2), credentials.v2_token, scheme)

    @property
    def clock_difference(self) -> float | None:
        """Seconds by which JOOR's clock is ahead of ours; None until it has answered."""
        return self._transport.clock_difference
