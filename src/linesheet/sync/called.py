"""Being called by a platform: the address it calls, what is to be set up before it can, and what it called last."""

from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings as site

from linesheet.sync import api_keys, registry
from linesheet.sync.connections import missing_answers
from linesheet.sync.models import ApiCall, Connection, InboxRecord, Placement
from linesheet.sync.platform import Platform, Setting
from linesheet.sync.secrets import SecretUnreadable

ROWS_LOOKED_AT = 20


class Todo(StrEnum):
    """What is done once, before the platform can call, in this order."""

    ANSWERS = "answers"
    CATALOGUE = "catalogue"
    KEY = "key"
    FIRST_CALL = "first_call"


@dataclass(frozen=True, slots=True)
class Step:
    """Something to set up, and whether that is done; `missing` are the settings that have no answer."""

    todo: Todo
    done: bool
    missing: tuple[Setting, ...] = ()


@dataclass(frozen=True, slots=True)
class Latest:
    """What a platform called last: each of its collects, what it submitted and by which call, and whatever it was."""

    collects: list[ApiCall]
    submitted: InboxRecord | None
    submitting: ApiCall | None
    call: ApiCall | None


def calls_us(platform: Platform | None) -> bool:
    """Whether a platform calls us."""
    return platform is not None and platform.endpoints is not None


def only_calls_us(platform: Platform | None) -> bool:
    """Whether a platform calls us, and is never called."""
    return platform is not None and calls_us(platform) and not platform.is_called


def address_for(platform: Platform) -> str:
    """The address at which a platform calls us, whole; of those without endpoints ""."""
    version = platform.endpoints.version if platform.endpoints else ""
    return f"{site.PUBLIC_URL}/api/{platform.key}/{version}" if version else ""


def steps_of(connection: Connection) -> list[Step]:
    """What is to be set up so that its platform can call; all of it, what is done too. Few queries."""
    platform = registry.platform(connection.platform)
    try:
        missing = tuple(missing_answers(connection))
    except SecretUnreadable:
        missing = ()
    steps = [Step(Todo.ANSWERS, not missing, missing)]
    if platform.catalogue:
        steps.append(Step(Todo.CATALOGUE, Placement.objects.filter(section__connection=connection).exists()))
    return [
        *steps,
        Step(Todo.KEY, api_keys.valid_keys_of(connection).exists()),
        Step(Todo.FIRST_CALL, ApiCall.objects.filter(connection=connection).exists()),
    ]


def latest_of(connection: Connection) -> Latest:
    """What the platform of a connection called last. Four queries at most."""
    collects = (
        ApiCall.objects.filter(key__connection=connection, records__isnull=False, status__lt=400)
        .order_by("key_id", "route", "-id")
        .distinct("key_id", "route")
        .defer("request_body", "response_body")
        .select_related("key")
    )
    by_route: dict[str, ApiCall] = {}
    for call in sorted(collects, key=lambda each: each.last_at, reverse=True):
        by_route.setdefault(call.route, call)
    calls = ApiCall.objects.filter(connection=connection).defer("request_body", "response_body").select_related("key")
    submitted = InboxRecord.objects.filter(connection=connection).select_related("order").order_by("-pk").first()
    within = {"at__lte": submitted.received_at, "last_at__gte": submitted.received_at} if submitted else {}
    return Latest(
        collects=[by_route[route] for route in sorted(by_route)],
        submitted=submitted,
        submitting=calls.filter(method="POST", **within).first() if submitted else None,
        # A row of several calls stands where the first of them was.
        call=max(calls[:ROWS_LOOKED_AT], key=lambda each: each.last_at, default=None),
    )
