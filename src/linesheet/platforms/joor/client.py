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
        self.credentials = credentials
        self._ways = [transport.at(address) for address in (addresses.auth, addresses.v4, addresses.v2)]
        log_in, v4, v2 = self._ways
        self.tokens = Tokens(log_in, credentials)
        self.v4 = ClientV4(v4, self.tokens, credentials.account_id)
        self.v2 = ClientV2(v2, credentials.v2_token, scheme)

    @property
    def clock_difference(self) -> float | None:
        """Seconds by which JOOR's clock is ahead of ours; None until it has answered."""
        told = [way.clock_difference for way in self._ways if way.clock_difference is not None]
        return told[-1] if told else None
