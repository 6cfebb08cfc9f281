"""What a command writes in its most talkative mode holds no credential and no key."""

import json
import subprocess
import sys
import zipfile

import pytest

from linesheet.site.folder import encryption_keys, signing_key
from linesheet.sync import backup
from linesheet.sync.models import Connection, Run

LINESHEET = [sys.executable, "-m", "linesheet.cli.main"]


@pytest.mark.parametrize("wrong", [None, "token_secret", "consumer_key"])
def test_a_run_and_the_doctor_tell_no_secret(brand, season, environment, tmp_path, wrong):
    sandbox = subprocess.Popen([*LINESHEET, "sandbox", "nuorder"], stdout=subprocess.PIPE, text=True, env=environment)
    try:
        remote = json.loads(sandbox.stdout.readline())
        credentials = remote["credentials"] | ({wrong: "Wr0ng-but-secret"} if wrong else {})
        Connection.objects.create(
            platform="nuorder",
            name="NuORDER",
            base_url=remote["url"],
            settings={"import_season": season.pk},
            credentials=credentials,
        )
        talkative = environment | {"LINESHEET_LOG_LEVEL": "DEBUG"}
        run = subprocess.run([*LINESHEET, "run", "NuORDER", "orders-import"], env=talkative, capture_output=True)
        seen = subprocess.run([*LINESHEET, "doctor", "--json"], env=talkative, capture_output=True)
    finally:
        sandbox.terminate()
        sandbox.wait(30)
    backup.back_up(tmp_path / "all.zip", with_keys=False)
    with zipfile.ZipFile(tmp_path / "all.zip") as zipped:
        kept = b"".join(zipped.read(name) for name in zipped.namelist())

    assert Run.objects.get().state == ("failed" if wrong else "done")
    assert b"linesheet.sync.transport" in run.stderr
    written = run.stdout + run.stderr + seen.stdout + seen.stderr + kept
    secrets = {*remote["credentials"].values(), *credentials.values(), signing_key(), *encryption_keys()}
    assert [secret for secret in secrets if secret.encode() in written] == []
