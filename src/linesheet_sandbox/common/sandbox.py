"""What a platform brings to its sandbox, and the sandbox it becomes part of."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol

from linesheet_sandbox.common.clock import Clock
from linesheet_sandbox.common.faults import Faults
from linesheet_sandbox.common.http import Answer, Call
from linesheet_sandbox.common.journal import Journal
from linesheet_sandbox.common.limiter import Limiter
from linesheet_sandbox.common.settings import Settings


class Platform(Protocol):
    """One platform's API over its own state. Calls are answered one at a time, so each is atomic."""

    name: str
    clock: Clock

    @property
    def settings(self) -> Settings:
        """The settings in force."""

    def change_settings(self, changes: dict[str, Any]) -> None:
        """Change settings by name and keep them. Raises msgspec.ValidationError on a wrong name or type."""

    def move_clock(self, offset_seconds: float) -> None:
        """Set the clock off from wall time, and keep it so."""

    def credentials(self) -> dict[str, str]:
        """Credentials of a ready-made account."""

    def caller(self, call: Call) -> str:
        """Who is calling, as far as limits per connection go."""

    def template(self, call: Call) -> str:
        """The path template a call fits, for counts; "" when there is no such route."""

    def answer(self, call: Call) -> Answer | Awaitable[Answer]:
        """Answer a call of the platform's own API and make its effects durable.

        What calls somebody else for it answers later, and holds up nobody meanwhile.
        """

    def control(self, call: Call) -> Answer | Awaitable[Answer] | None:
        """Answer a call of the control API's platform part; None when there is no such route.

        What calls somebody else for it answers later, and holds up nobody meanwhile.
        """

    def refusal(self, call: Call, status: int, message: str) -> Answer:
        """An error in the platform's own form, which may differ by what was called."""

    def list_of(self, payload: Any) -> list[Any] | None:
        """The list of records within the payload of an answer; list faults change it in place. None: there is none."""

    def figures(self) -> dict[str, Any]:
        """Further figures for the statistics, by name."""

    def writes(self) -> dict[str, Any]:
        """Writes applied through the platform's API, by kind, record and action."""

    def dump(self) -> dict[str, Any]:
        """The whole state, readable."""

    def furnish(self) -> None:
        """Set up what the platform's people set up on an account before a brand begins, where it is not there yet."""

    def reset(self) -> None:
        """Back to an empty portal under default settings; credentials stay."""

    def close(self) -> None:
        """Let go of the state file."""


@dataclass(slots=True)
class Sandbox:
    """A platform with the machinery around it.

    `works` is what a platform does of its own accord, beside answering; it is cancelled when the sandbox ends.
    `calls` tells a platform that calls the hub its address and key, and raises ValueError when they are none.
    """

    platform: Platform
    works: Callable[[], Coroutine[Any, Any, None]] | None = None
    calls: Callable[[str, str], None] | None = None
    faults: Faults = field(default_factory=Faults)
    journal: Journal = field(default_factory=Journal)
    limiter: Limiter = field(default_factory=Limiter)

    def forget_traffic(self) -> None:
        """Start journal, counts and limits afresh."""
        self.journal = Journal()
        self.limiter = Limiter()
