"""Sandboxes that run on this machine, as each announces itself in the data folder (see `cli.sandboxes`)."""

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from linesheet.site.folder import data_folder_named

_CONNECT_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Announced:
    """A sandbox of a platform: its address, and the credentials of its ready-made account."""

    platform: str
    url: str
    credentials: Mapping[str, str]

    @property
    def port(self) -> int:
        """The port it listens on."""
        return urlsplit(self.url).port or 0


def announcement_file(platform: str) -> Path:
    """Where the sandbox of a platform announces itself."""
    return data_folder_named() / "sandboxes" / f"{platform}.json"


def last_announced(platform: str) -> Announced | None:
    """What the platform's sandbox said last, running or not."""
    try:
        said = json.loads(announcement_file(platform).read_text())
        return Announced(platform, said["url"], dict(said["credentials"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def running_sandbox(platform: str) -> Announced | None:
    """The sandbox of a platform, if one answers on this machine."""
    announced = last_announced(platform)
    if announced is None:
        return None
    try:
        with socket.create_connection((urlsplit(announced.url).hostname or "", announced.port), _CONNECT_SECONDS):
            return announced
    except OSError:
        return None
