"""The data folder: where one installation keeps its database, pictures and keys."""

import contextlib
import hashlib
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from cryptography.fernet import Fernet


def data_folder() -> Path:
    """The folder named by LINESHEET_DATA, or `var` below the current folder; created when missing."""
    folder = data_folder_named()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def data_folder_named() -> Path:
    """The data folder, which may not be there yet."""
    return Path(os.environ.get("LINESHEET_DATA") or "var").expanduser().resolve()


def is_installed() -> bool:
    """Whether there is a database to work with: a server of the user's, or our own in the data folder."""
    return bool(os.environ.get("DATABASE_URL")) or (data_folder_named() / "postgres").is_dir()


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


def fingerprints(keys: Sequence[str]) -> list[str]:
    """What tells keys apart and gives nothing of them away, in their order."""
    return [hashlib.sha256(key.encode()).hexdigest()[:16] for key in keys]


def keep_keys(signing: str, encryption: Sequence[str]) -> None:
    """Put keys into the data folder in place of those that are there; what the environment gives still goes first."""
    for name, key in (("signing.key", signing), ("encryption.keys", "\n".join(encryption))):
        with _written_aside(name, key) as aside:
            os.replace(aside, data_folder() / name)


def _kept(name: str, make: Callable[[], str]) -> str:
    path = data_folder() / name
    if not path.exists():
        # Linked in place: of several first starts at once, one key stays, and nobody reads half a file.
        with _written_aside(name, make()) as aside, contextlib.suppress(FileExistsError):
            os.link(aside, path)
    return path.read_text().strip()


@contextlib.contextmanager
def _written_aside(name: str, content: str) -> Iterator[str]:
    """A 0600 file with the content beside where it belongs; gone afterwards unless it was moved."""
    descriptor, aside = tempfile.mkstemp(dir=data_folder(), prefix=f".{name}-")
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(content + "\n")
            file.flush()
            os.fsync(descriptor)
        yield aside
    finally:
        Path(aside).unlink(missing_ok=True)
