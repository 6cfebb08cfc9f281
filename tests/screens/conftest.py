"""The demo as a newcomer has it: started by its command, with a browser that is logged in."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browsers import chromium

DEMO = [sys.executable, "-m", "linesheet.cli.main", "demo"]


@dataclass(frozen=True, slots=True)
class Demo:
    """Where the demo is, and who may log in."""

    address: str
    email: str
    password: str


def data_folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], Path]:
    """The environment of an installation of its own, and the folder its data goes to."""
    folder = tmp_path_factory.mktemp("installation")
    for parent in (folder, folder.parent, folder.parent.parent):
        parent.chmod(0o755)  # the database server runs as a user of its own when the tests run as root
    own = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "LINESHEET_TESTING")}
    return {**own, "LINESHEET_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "linesheet.site.settings"}, folder


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo in a data folder of its own, up until the last test is over."""
    environment, _ = data_folder(tmp_path_factory)
    with subprocess.Popen(DEMO, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if "Ctrl-C" in line:
                break
        try:
            found = re.search(r"Linesheet is at (\S+)\s+log in as +(\S+)\s+password +(\S+)", said)
            assert found, f"{said}\n{process.stderr.read() if process.stderr and process.poll() is not None else ''}"
            yield Demo(*found.groups())
        finally:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=30)
            process.kill()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def visitor(browser: Browser, demo: Demo) -> Iterator[Page]:
    """A page in which the demo's owner is logged in."""
    context = browser.new_context(base_url=demo.address, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto("/login/")
    page.get_by_label("E-mail").fill(demo.email)
    page.get_by_label("Password").fill(demo.password)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url(f"{demo.address}/")
    yield page
    context.close()
