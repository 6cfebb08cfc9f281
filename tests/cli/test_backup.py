"""Backup and restore: what comes back, and what is refused with nothing written."""

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import PIL.Image
import psycopg
import pytest
from cryptography.fernet import Fernet
from django.core.files.storage import default_storage
from django.db import connection as database

from linesheet.books.images import add_image
from linesheet.books.models import Company, Image, User
from linesheet.site.folder import encryption_keys, signing_key
from linesheet.sync import archive, backup, restore, runs
from linesheet.sync.archive import BackupRefused
from linesheet.sync.models import Connection, Run
from tests.processes import Workers, empty_queue, until
from tests.sync.test_workers import Hold

LINESHEET = [sys.executable, "-m", "linesheet.cli.main"]
OF_RUNS = f"{archive.TABLES}sync_run.csv"


def picture(colour: str) -> bytes:
    content = io.BytesIO()
    PIL.Image.new("RGB", (40, 40), colour).save(content, "PNG")
    return content.getvalue()


def members(file: Path) -> dict[str, Counter[bytes]]:
    """What a backup holds: the lines of each of its members, in any order."""
    with zipfile.ZipFile(file) as zipped:
        return {name: Counter(zipped.read(name).splitlines()) for name in zipped.namelist()}


@pytest.fixture
def saved(connection, products, buyer, tmp_path) -> Path:
    """A backup of a small brand with pictures and credentials."""
    User.objects.create_user("owner@example.com", "a good password")
    add_image(products[0], picture("red"))
    add_image(products[1], picture("red"))
    add_image(products[1], picture("blue"))
    connection.credentials = {"token": "s3cret token"}
    connection.save()
    backup.back_up(tmp_path / "saved.zip")
    return tmp_path / "saved.zip"


@pytest.fixture
def emptied(saved, transactional_db):
    """The installation that was saved, with nothing in it any more."""
    tables = ", ".join(f'"{model._meta.db_table}"' for model in archive.kept_models())
    with database.cursor() as cursor:
        # With what is left out of backups, which points to them.
        cursor.execute(f"TRUNCATE {tables} CASCADE")
    return saved


@pytest.fixture
def elsewhere(tmp_path_factory):
    """The environment of another installation: its own data folder, server and keys."""
    folder = tmp_path_factory.mktemp("elsewhere")
    for parent in (folder, folder.parent, folder.parent.parent):
        parent.chmod(0o755)  # the database server runs as a user of its own when the tests run as root
    own = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "LINESHEET_TESTING")}
    return own | {"LINESHEET_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "linesheet.site.settings"}


def call(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*LINESHEET, *arguments], env=env, capture_output=True, text=True, timeout=280)


def test_an_installation_comes_back_on_another_data_folder_and_its_run_goes_on(
    toy, products, connection, elsewhere, tmp_path
):
    add_image(products[0], picture("red"))
    hold = Hold("PUT", after=3)
    toy.before.append(hold)
    run, _ = runs.start(connection, "one-by-one")
    here = Workers("-m", "tests.sync.toy_worker")
    here.start()
    until(lambda: hold.held == 3)
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    Connection.objects.update(credentials={"token": "s3cret token"})
    try:
        backup.back_up(first)
    finally:
        here.end()
    hold.released.set()
    until(lambda: len(toy.requests) >= 6)

    restored = call("restore", str(first), env=elsewhere)
    assert restored.returncode == 0, restored.stderr
    again = call("backup", str(second), env=elsewhere)
    assert again.returncode == 0, again.stderr
    before, after = members(first), members(second)
    different = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert different == {OF_RUNS, archive.MANIFEST}
    assert sum(before[OF_RUNS].values()) == sum(after[OF_RUNS].values()) == 2

    there = Workers("-m", "tests.sync.toy_worker", env=elsewhere)
    there.start()
    try:
        ended = ("done", "problems", "failed")
        until(lambda: json.loads(call("runs", "--json", env=elsewhere).stdout)[0]["state"] in ended)
    finally:
        there.end()
    (account,) = json.loads(call("runs", "--json", env=elsewhere).stdout)
    assert (account["run"], account["state"], account["counts"]["selected"]) == (run.pk, "done", 10)
    assert set(toy.products) == {product.code for product in products}
    assert stored_credentials(elsewhere) == {"token": "s3cret token"}


def stored_credentials(env: dict[str, str]) -> dict[str, str]:
    code = (
        "from linesheet.site import boot; boot.start(); from linesheet.sync.models import Connection; import json; "
        "print(json.dumps(Connection.everywhere.get().credentials))"
    )
    told = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(told.stdout)
    return found


def test_a_backup_is_for_nobody_else_to_read_and_shows_no_credential(saved):
    assert saved.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(saved) as zipped:
        assert json.loads(zipped.read(archive.KEYS)) == {"signing": signing_key(), "encryption": encryption_keys()}
        rows = zipped.read(f"{archive.TABLES}sync_connection.csv")
    assert b"Toy shop" in rows
    assert b"s3cret token" not in rows


def test_a_picture_that_many_products_show_is_saved_once(saved):
    with zipfile.ZipFile(saved) as zipped:
        assert sum(name.startswith(archive.FILES) for name in zipped.namelist()) == 2


def test_a_missing_picture_is_named_and_the_rest_is_saved(linesheet, saved, products):
    gone = Image.objects.filter(product=products[0]).get().storage_name
    default_storage.delete(gone)

    result = linesheet("backup", str(saved.with_name("other.zip")))

    assert (result.exit_code, gone in result.stderr) == (3, True)
    assert "1 pictures and files" in result.stdout


def test_a_backup_overwrites_nothing(saved):
    before = saved.read_bytes()

    with pytest.raises(BackupRefused, match="is there already"):
        backup.back_up(saved)

    assert saved.read_bytes() == before


def test_a_folder_that_is_not_there_is_named(linesheet, connection, tmp_path):
    result = linesheet("backup", str(tmp_path / "nowhere" / "saved.zip"))

    assert result.exit_code == 1
    assert result.stderr == (
        f"No backup can be written into {tmp_path / 'nowhere'}: No such file or directory.\n"
        "Create the folder, or choose another that can be written.\n"
    )


def test_of_two_backups_to_one_name_the_first_to_end_is_kept(tmp_path):
    file = tmp_path / "one.zip"

    with pytest.raises(BackupRefused, match="is there already"), backup._written(file) as last:
        last.writestr("last", "x" * 1000)
        with backup._written(file) as first:
            first.writestr("first", "")

    assert members(file) == {"first": Counter()}
    assert (list(tmp_path.iterdir()), file.stat().st_mode & 0o777) == ([file], 0o600)


def test_a_backup_that_cannot_be_finished_leaves_no_file(saved, monkeypatch):
    def full(out):
        raise OSError(28, "No space left on device", "saved.zip")

    monkeypatch.setattr(backup, "_files", full)
    with pytest.raises(OSError, match="No space"):
        backup.back_up(saved.with_name("other.zip"))

    assert [path.name for path in saved.parent.glob("*other*")] + [path.name for path in saved.parent.glob(".*")] == []


def test_new_rows_get_new_numbers_after_a_restore(emptied):
    restore.restore(emptied)

    newest = Company.objects.order_by("-pk")[0].pk
    assert Company.objects.create(name="Second House", slug="second").pk == newest + 1


def test_a_restore_goes_only_into_an_empty_installation(saved):
    before = Connection.objects.get().pk

    with pytest.raises(BackupRefused, match="is in use: books_"):
        restore.restore(saved)

    assert Connection.objects.get().pk == before


def test_a_restore_is_refused_while_a_worker_lives(emptied):
    with database.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")

    try:
        with pytest.raises(BackupRefused, match="Workers or other processes"):
            restore.restore(emptied)
    finally:
        empty_queue()


def test_a_restore_waits_only_so_long_for_others_that_use_the_tables(emptied, environment, monkeypatch):
    monkeypatch.setattr(restore, "LOCK_SECONDS", 1)
    with psycopg.connect(environment["DATABASE_URL"]) as other:
        other.execute("SELECT count(*) FROM books_company")

        with pytest.raises(BackupRefused, match="Workers or other processes"):
            restore.restore(emptied)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_backup_that_was_cut_short_is_refused(emptied, share):
    content = emptied.read_bytes()
    emptied.write_bytes(content[: int(len(content) * share)])

    with pytest.raises(BackupRefused, match="is no whole backup"):
        restore.restore(emptied)

    assert not Company.objects.exists()


def test_a_backup_with_a_damaged_byte_is_refused_or_comes_back_as_it_was(emptied):
    content = emptied.read_bytes()
    refused = 0
    for position in range(0, len(content), max(1, len(content) // 400)):
        damaged = bytearray(content)
        damaged[position] ^= 0x10
        emptied.write_bytes(damaged)
        try:
            source, _ = archive.read_whole(emptied)
        except BackupRefused:
            refused += 1
        else:
            source.close()
            emptied.with_name("whole.zip").write_bytes(content)
            assert members(emptied) == members(emptied.with_name("whole.zip"))
    assert refused > 200


def test_a_backup_whose_directory_points_before_its_beginning_is_refused(emptied):
    content = bytearray(emptied.read_bytes())
    end = content.rindex(zipfile.stringEndArchive)
    content[end + 16 : end + 20] = bytes([255, 255, 255, 127])  # where the directory begins, says the end of the file
    emptied.write_bytes(content)

    with pytest.raises(BackupRefused, match="is no whole backup"):
        archive.read_whole(emptied)


def without(file: Path, name: str) -> None:
    """Take a member out of a backup."""
    shutil.move(file, file.with_suffix(".old"))
    with zipfile.ZipFile(file.with_suffix(".old")) as old, zipfile.ZipFile(file, "w") as new:
        for kept in old.namelist():
            if kept != name:
                new.writestr(kept, old.read(kept))


@pytest.mark.parametrize("name", [OF_RUNS, archive.MANIFEST, archive.KEYS])
def test_a_backup_that_lacks_a_part_is_refused(emptied, name):
    without(emptied, name)

    with pytest.raises(BackupRefused, match=f"it has no {name}"):
        restore.restore(emptied)


def test_a_table_with_fewer_rows_than_were_saved_brings_nothing_back(emptied):
    with zipfile.ZipFile(emptied) as zipped:
        header, *_ = zipped.read(f"{archive.TABLES}sync_connection.csv").splitlines(keepends=True)
    without(emptied, f"{archive.TABLES}sync_connection.csv")
    with zipfile.ZipFile(emptied, "a") as zipped:
        zipped.writestr(f"{archive.TABLES}sync_connection.csv", header)

    with pytest.raises(BackupRefused, match="sync_connection has 0 rows instead of 1"):
        restore.restore(emptied)

    assert not Company.objects.exists()


@pytest.mark.parametrize("mark", ["this_version", "shape"])
def test_a_backup_of_another_version_is_refused(emptied, monkeypatch, mark):
    monkeypatch.setattr(archive, mark, lambda: "0.0.1")

    with pytest.raises(BackupRefused, match="was made by Linesheet") as refused:
        restore.restore(emptied)

    assert "0.0.1" in refused.value.says
    assert not Company.objects.exists()


def test_a_backup_without_its_keys_goes_only_where_they_are(saved, emptied, monkeypatch):
    restore.restore(emptied)
    bare = saved.with_name("bare.zip")
    backup.back_up(bare, with_keys=False)
    with database.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(model._meta.db_table for model in archive.every_model())}")
    own = encryption_keys()
    assert archive.KEYS not in members(bare)

    monkeypatch.setenv("LINESHEET_ENCRYPTION_KEYS", Fernet.generate_key().decode())
    with pytest.raises(BackupRefused, match="are encrypted with keys"):
        restore.restore(bare)
    monkeypatch.setenv("LINESHEET_ENCRYPTION_KEYS", ",".join([Fernet.generate_key().decode(), *own]))
    restore.restore(bare)

    assert Run.everywhere.count() == 0
    assert Connection.everywhere.get().credentials == {"token": "s3cret token"}
