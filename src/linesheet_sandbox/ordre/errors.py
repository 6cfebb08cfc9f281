"""What goes wrong in ORDRE, on either side."""

from typing import Any


class RefusedError(Exception):
    """A control call that makes no sense; answered with this status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class HubError(Exception):
    """The hub gave no answer (`status` None) or refused; `problem` is its problem JSON (sheet 6.6)."""

    def __init__(self, status: int | None, message: str, problem: Any = None) -> None:
        super().__init__(message)
        self.status = status
        self.problem: dict[str, Any] = problem if isinstance(problem, dict) else {}

    @property
    def code(self) -> str:
        """The hub's code for what is wrong, "" without one."""
        return str(self.problem.get("code") or "")


class AbandonedError(Exception):
    """The sandbox was emptied meanwhile, so nobody wants the outcome any more."""
