"""Where a person is logged in: each browser with what it is, from where and when it was last used, and its end.

django-allauth keeps a row per session; here is when that row is touched, and how it is told to people.
"""

import datetime
import re
from dataclasses import dataclass
from typing import Any

from allauth.usersessions.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.utils import timezone

from linesheet.books.models import User

NOTED_EVERY = datetime.timedelta(minutes=5)
"""When a session was last used is told to within so long: a page costs a look, and seldom a write."""

_BROWSERS = (
    ("Edge", r"\bEdg(?:e|A|iOS)?/"),
    ("Opera", r"\bOPR/|\bOpera\b"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Firefox", r"\b(?:Firefox|FxiOS)/"),
    ("Chrome", r"\b(?:Chrome|CriOS|HeadlessChrome)/"),
    ("Safari", r"\bVersion/\S+.* Safari/"),
)
_SYSTEMS = (
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("Android", r"\bAndroid\b"),
    ("Windows", r"\bWindows\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("Mac", r"\bMacintosh\b"),
    ("Linux", r"\bLinux\b"),
)
"""Names as people know them, each with what tells it; the first that fits, as most browsers also name others."""


@dataclass(frozen=True, slots=True)
class Place:
    """A browser that is logged in; `here` is the one that asks. `pk` ends it."""

    pk: int
    device: str
    address: str
    since: datetime.datetime
    last_used: datetime.datetime
    here: bool


def note(request: HttpRequest, user: AbstractBaseUser) -> None:
    """Keep down that this session is in use, by which browser and from where."""
    key = request.session.session_key
    seen = UserSession.objects.filter(session_key=key, user_id=user.pk).values_list("last_seen_at", flat=True).first()
    if seen is None or timezone.now() - seen > NOTED_EVERY:
        UserSession.objects.create_from_request(request, user=user)


def note_login(request: HttpRequest, user: AbstractBaseUser, **_: Any) -> None:
    """The same, as a log-in tells it, whichever way it was done."""
    note(request, user)


def places_of(request: HttpRequest, user: User) -> list[Place]:
    """Where the person is logged in: here first, then what was used last."""
    here = request.session.session_key
    places = [
        Place(
            pk=one.pk,
            device=device_of(one.user_agent),
            address=one.ip,
            since=one.created_at,
            last_used=one.last_seen_at,
            here=one.session_key == here,
        )
        for one in UserSession.objects.purge_and_list(user)
    ]
    return sorted(places, key=lambda place: (not place.here, -place.last_used.timestamp()))


def log_out(request: HttpRequest, user: User, only: int | None = None) -> int:
    """End the person's other sessions, or one of them; how many ended. The one that asks goes on."""
    others = UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key)
    ended = list(others if only is None else others.filter(pk=only))
    get_adapter().end_sessions(ended)
    return len(ended)


def device_of(user_agent: str) -> str:
    """What a browser calls itself, in words: "Firefox on Linux"."""
    browser = next((name for name, tells in _BROWSERS if re.search(tells, user_agent)), "")
    system = next((name for name, tells in _SYSTEMS if re.search(tells, user_agent)), "")
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or "Another program"
