"""Every screen that links lead to: accessible, within its width, without errors, in light and dark, on desk and phone.

`make screenshots` has them written down as pictures, too (LINESHEET_SCREENS names the folder).
"""

import io
import os
import re
from collections import deque
from pathlib import Path
from typing import Literal

import PIL.Image
import pytest
from playwright.sync_api import Page, expect

from tests.accessibility import violations
from tests.screens.conftest import Demo

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

DESK, PHONE = (1280, 800), (390, 844)
# Signed links to pictures and files are no screens; how the documentation of the API looks is not ours to say.
NO_SCREEN = re.compile(r"^/(api|pictures|static|media|thumbnails)/|/(file|download|export)/|logout")
SCREENS = os.environ.get("LINESHEET_SCREENS")
Scheme = Literal["light", "dark"]


def test_every_screen_is_accessible_and_fits(visitor: Page, demo: Demo) -> None:
    said: list[str] = []
    visitor.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    visitor.on("pageerror", lambda error: said.append(str(error)))
    screens, wrong = _screens(visitor)
    for name, address in screens.items():
        visitor.set_viewport_size({"width": DESK[0], "height": DESK[1]})
        visitor.goto(address)
        visitor.wait_for_load_state("networkidle")
        # A look at what is there has the page loaded anew when it is done.
        expect(visitor.locator("[hx-trigger^='every']")).to_have_count(0, timeout=60_000)
        visitor.wait_for_load_state("networkidle")
        for scheme in ("light", "dark"):
            for width, height in (DESK, PHONE):
                visitor.set_viewport_size({"width": width, "height": height})
                visitor.emulate_media(color_scheme=scheme)
                # Colours and layout do not hang on each other, so that dark is looked at on one width only.
                if (width, scheme) != (PHONE[0], "dark"):
                    wrong += [f"{name} ({address}) at {width}, {scheme}: {one}" for one in _wrong(visitor, scheme)]
                if SCREENS:
                    _keep(visitor, name, "desktop" if width == DESK[0] else "phone", scheme)
        wrong += [f"{name} ({address}) says: {one}" for one in said if "caret" not in one]
        said.clear()

    assert not wrong, "\n".join(wrong)
    assert len(screens) >= 20, f"only {sorted(screens)} were reached"


def _screens(page: Page) -> tuple[dict[str, str], list[str]]:
    """One address of each kind, by name, as links lead to them from home on; and those that lead nowhere."""
    found: dict[str, str] = {}
    broken: list[str] = []
    ahead = deque(["/"])
    seen = {"/"}
    while ahead:
        address = ahead.popleft()
        answer = page.context.request.get(address)
        if not answer.ok:
            broken.append(f"{address} answers {answer.status}")
        if not answer.ok or "text/html" not in answer.headers.get("content-type", ""):
            continue
        found[_name(address)] = address
        for link in re.findall(r'href="(/[^"?#]*)', answer.text()):
            # Each connection has screens of its own, as its platform declares them.
            kind = re.sub(r"(?<!^/connections)/\d+", "/N", link)
            if kind not in seen and not NO_SCREEN.search(link):
                seen.add(kind)
                ahead.append(link)
    return found, broken


def _name(address: str) -> str:
    """Of an address with ids in it the name says "one": connections-one-catalogue; of other connections their id."""
    parts = [part for part in address.split("/") if part]
    named = ["one" if part.isdecimal() else part for part in parts]
    if parts[:1] == ["connections"] and parts[1:2] not in ([], ["1"]):
        named[1] = parts[1]
    return "-".join(named) or "home"


def _wrong(page: Page, scheme: Scheme) -> list[str]:
    """What is wrong with the page as it stands; in dark, only what light does not show already."""
    found = violations(page, only_colours=scheme == "dark")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        found.append(f"{wide} px wider than the window")
    titles = page.locator("h1").count()
    if titles != 1:
        found.append(f"{titles} titles")
    return found


def _keep(page: Page, name: str, width: str, scheme: str) -> None:
    """The page as WebP, at most two windows high."""
    assert SCREENS
    folder = Path(SCREENS)
    folder.mkdir(parents=True, exist_ok=True)
    picture = PIL.Image.open(io.BytesIO(page.screenshot(full_page=True, caret="initial"))).convert("RGB")
    height = min(picture.height, 2 * (DESK if width == "desktop" else PHONE)[1])
    picture.crop((0, 0, picture.width, height)).save(folder / f"{name}-{width}-{scheme}.webp", quality=70, method=6)
