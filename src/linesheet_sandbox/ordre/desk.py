"""What the control API of ORDRE works with."""

from dataclasses import dataclass

from linesheet_sandbox.ordre.collecting import Collector
from linesheet_sandbox.ordre.hub import Hub
from linesheet_sandbox.ordre.portal import OrdrePortal


@dataclass(frozen=True, slots=True)
class Desk:
    """The portal, the hub it calls, and who collects from it."""

    portal: OrdrePortal
    hub: Hub
    collector: Collector
