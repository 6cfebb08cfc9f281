"""The keys an installation makes for itself."""

import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from linesheet.site import folder


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("LINESHEET_DATA", str(tmp_path))
    monkeypatch.delenv("LINESHEET_SIGNING_KEY", raising=False)
    monkeypatch.delenv("LINESHEET_ENCRYPTION_KEYS", raising=False)


def test_a_key_is_made_once_and_for_nobody_else_to_read(tmp_path):
    assert folder.signing_key() == folder.signing_key() != ""
    assert folder.encryption_keys() == folder.encryption_keys() != []
    assert [stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()] == [0o600, 0o600]


def test_many_first_starts_at_once_share_one_whole_key(tmp_path):
    together = threading.Barrier(16)
    made = iter(range(16))

    def make() -> str:
        time.sleep(0.05)
        return f"key {next(made)}"

    def first_start(_: int) -> str:
        together.wait()
        return folder._kept("some.key", make)

    with ThreadPoolExecutor(16) as starts:
        keys = set(starts.map(first_start, range(16)))

    assert len(keys) == 1
    assert keys.pop().startswith("key ")
    assert [path.name for path in tmp_path.iterdir()] == ["some.key"]


def test_many_first_processes_at_once_share_one_whole_key():
    code = "from linesheet.site.folder import signing_key; print(signing_key())"
    processes = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(8)]

    keys = {process.communicate(timeout=60)[0].strip() for process in processes}

    assert len(keys) == 1
    assert "" not in keys
