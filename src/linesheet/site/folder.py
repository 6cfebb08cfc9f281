"""The data folder: where one installation keeps its database, pictures and keys."""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet


def data_folder() -> Path:
    """The folder named by LINESHEET_DATA, or `var` below the current folder; created when missing."""
    folder = Path(os.environ.get("LINESHEET_DATA") or "var").expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def signing_key() -> str:
    """Django's signing key: LINESHEET_SIGNING_KEY, or a 0600 file in the data folder made at first use."""
    return os.environ.get("LINESHEET_SIGNING_KEY") or _kept("signing.key", lambda: secrets.token_urlsafe(50))


def encryption_keys() -> list[str]:
    """Fernet keys, newest first: LINESHEET_ENCRYPTION_KEYS (comma separated), or a 0600 file, one key a line.

    To rotate, put a new key first and run `linesheet secrets rotate`; drop the old key afterwards.
    """
    given = os.environ.get("LINESHEET_ENCRYPTION_KEYS")
    if given:
        return [key.strip() for key in given.split(",") if key.strip()]
    return _kept("encryption.keys", lambda: Fernet.generate_key().decode()).split()


def _kept(name: str, make: Callable[[], str]) -> str:
    path = data_folder() / name
    if not path.exists():
        # Written aside and linked: of several first starts at once, one key stays, and nobody reads half a file.
        descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{name}-")
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(make() + "\n")
                file.flush()
                os.fsync(descriptor)
            with contextlib.suppress(FileExistsError):
                os.link(aside, path)
        finally:
            os.unlink(aside)
    return path.read_text().strip()
