"""The container files, as far as they can be held true without running them: names in them exist in Linesheet."""

import json
import re
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from linesheet.cli.main import main

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
OURS = sorted(name for name, service in COMPOSE["services"].items() if service["image"] == "linesheet")


def settings_read() -> set[str]:
    """Environment variables that the code asks for."""
    code = "".join(path.read_text() for path in (ROOT / "src/linesheet").rglob("*.py"))
    return set(re.findall(r'(?:environ\.get\(|envvar=)"(LINESHEET_\w+)"', code))


def lines_of(instruction: str) -> list[str]:
    return re.findall(rf"^{instruction} (.*)$", DOCKERFILE.replace("\\\n", " "), re.MULTILINE)


def accepts(arguments: list[str]) -> None:
    """Fail when the command line would not take these arguments."""
    name, *options = arguments
    command = main.commands[name]
    command.make_context(name, options, resilient_parsing=False)


def test_there_is_a_database_a_web_process_and_workers():
    assert {*COMPOSE["services"]} == {"postgres", "web", "worker"}
    assert OURS == ["web", "worker"]


@pytest.mark.parametrize("name", OURS)
def test_every_service_runs_a_command_of_linesheet(name):
    accepts(COMPOSE["services"][name]["command"])


def test_the_image_runs_a_command_of_linesheet():
    assert [json.loads(line) for line in lines_of("ENTRYPOINT")] == [["linesheet"]]
    (command,) = lines_of("CMD")
    accepts(json.loads(command))


def test_an_option_that_is_none_would_be_found():
    with pytest.raises(click.NoSuchOption):
        accepts(["web", "--no-such-option"])


@pytest.mark.parametrize("name", OURS)
def test_every_service_sets_settings_that_exist(name):
    assert {*COMPOSE["services"][name]["environment"]} - {"DATABASE_URL"} <= settings_read()


def test_the_image_sets_settings_that_exist():
    named = set(re.findall(r"\b(LINESHEET_\w+)=", DOCKERFILE))
    assert named
    assert named <= settings_read()


def test_the_data_folder_of_the_image_is_the_volume_of_the_services():
    (volume,) = lines_of("VOLUME")
    assert f"LINESHEET_DATA={volume}" in DOCKERFILE
    for name in OURS:
        assert COMPOSE["services"][name]["volumes"] == [f"data:{volume}"]
    assert "data" in COMPOSE["volumes"]


def test_the_image_does_not_run_as_root_and_copies_what_is_there():
    assert lines_of("USER") == ["linesheet"]
    for line in lines_of("COPY"):
        if not line.startswith("--from"):
            assert all((ROOT / source).exists() for source in line.split()[:-1]), line
    kept = (ROOT / ".dockerignore").read_text()
    assert all(f"!{name}\n" in kept for name in ("pyproject.toml", "uv.lock", "README.md", "LICENSE", "src"))


def test_the_readme_names_every_setting_that_is_read():
    readme = (ROOT / "README.md").read_text()
    assert {name for name in settings_read() if name not in readme} == {"LINESHEET_DEBUG"}, "one is for development"
