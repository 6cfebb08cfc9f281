"""Which calls a platform is asked: what faults strike, and what a run of a task may send."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """A kind of call, by its method ("" is any) and a pattern found anywhere in its path.

    Runs of `task` make it, once the books were edited in one of the ways of `after` (`faults.brand`), or an "order" was
    placed on the platform; without a task it needs no occasion. A `late` one is about what an export must have taken
    out before.
    """

    method: str
    path: str
    task: str = ""
    after: tuple[str, ...] = ()
    late: bool = False

    def is_made_by(self, method: str, path: str) -> bool:
        """Whether a call is one of this kind."""
        return self.method in ("", method) and bool(re.search(self.path, path))


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """The calls of a platform by name, and the tasks that make them: the first export first, the import last.

    `writes` and `reads` name calls that are aimed at; `lists` those answered by a list that may come doubled, shuffled
    or empty; `others` whatever else an answer may be spoiled of. `blocks` says what can keep a product of a drawn brand
    (`faults.brand`) from the platform, `edits` what people do in the books for this platform beside the usual.
    `answers` are kinds of faults its sandbox has beside the common ones; "half" lets half of a list fail, of the
    `halves`. `switches` are settings of the sandbox, one of whose values is drawn; the first holds when all is quiet.
    `waits` are keyword arguments of classes, as `module:class`, that are set shorter for storms. `access` is a pattern
    of the paths of logging in, which any run may call.
    """

    tasks: tuple[str, ...]
    requests: Mapping[str, Request]
    writes: tuple[str, ...]
    reads: tuple[str, ...]
    lists: tuple[str, ...]
    others: tuple[str, ...]
    blocks: tuple[str, ...]
    edits: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    halves: tuple[str, ...] = ()
    switches: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    waits: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    access: str = ""

    @property
    def quiet(self) -> dict[str, object]:
        """Settings of the sandbox when all is quiet."""
        return {name: values[0] for name, values in self.switches.items()}

    def writes_by(self, method: str, path: str) -> bool:
        """Whether a call changes anything there; logging in does not."""
        return method != "GET" and not (self.access and re.search(self.access, path))

    def task_writing(self, method: str, path: str) -> str | None:
        """The task that makes this write, None when no task does."""
        for name in self.writes:
            if self.requests[name].is_made_by(method, path):
                return self.requests[name].task
        return None
