"""No secret in anything that is written down, whatever a platform makes of it."""

import base64
import dataclasses
import json
import zipfile
from urllib.parse import quote

import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest

from linesheet.site import hiding
from linesheet.sync import backup, doctor, reasons, registry
from linesheet.sync.errors import MOST_SAID
from linesheet.sync.masking import KEPT_BODY
from linesheet.sync.metrics import Figures
from linesheet.sync.models import Connection, Exchange, Item, Run
from linesheet.sync.platform import Setting, SettingKind
from tests.sync.toy import TOY, ToyClient

TOKEN = 'to/k&n "1" of Zoë'
PASSWORD = "correct horse battery"
SECRETS = {"token": TOKEN, "password": PASSWORD}


class CarelessClient(ToyClient):
    """Sends its secrets in the address, in a header of no telling name, and in the body."""

    def __init__(self, transport, credentials, settings):
        super().__init__(transport, credentials, settings)
        self.credentials = credentials

    async def put(self, batch):
        await self.transport.call(
            "PUT",
            f"/products?as={quote(TOKEN, safe='')}",
            sign=lambda method, url: {"X-Shop": self.credentials["password"]},
            json=[{"id": one.id, "name": f"{TOKEN} or {PASSWORD}"} for one in batch],
        )


class StumblingClient(CarelessClient):
    async def put(self, batch):
        raise KeyError(self.credentials["password"])


CARELESS = dataclasses.replace(
    TOY,
    credentials=tuple(Setting(key=key, label=key, kind=SettingKind.SECRET) for key in SECRETS),
    client=CarelessClient,
)


@pytest.fixture
def careless(connection, monkeypatch):
    """The toy connection with secrets, and a client that is careless with them."""
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": CARELESS})
    connection.credentials = SECRETS
    connection.save()
    return connection


def in_base64(secret: str) -> str:
    return base64.b64encode(secret.encode()).decode()


def echo(status: int, kind: str, location: str = "/"):
    """An answer that repeats all it was sent, and the secrets."""
    text = f"nobody knows {TOKEN} and {PASSWORD}, nor {in_base64(TOKEN)}"
    body = {
        "json": json.dumps({"message": text}),
        "text": text,
        "broken": '{"message": "' + text,
        "list": json.dumps([text]),
    }
    headers = {"X-Echo": quote(TOKEN), "Location": f"{location}?as={quote(TOKEN, safe='')}"}
    return lambda request: web.Response(status=status, text=body[kind], headers=headers)


def written_down(tmp_path, log_lines) -> dict[str, str]:
    """Everything that this installation keeps or shows, by where it stands."""
    file = tmp_path / "all.zip"
    file.unlink(missing_ok=True)
    backup.back_up(file, with_keys=False)
    with zipfile.ZipFile(file) as zipped:
        found = {name: zipped.read(name).decode() for name in zipped.namelist()}
    figures = CollectorRegistry(auto_describe=False)
    figures.register(Figures())
    checks = [dataclasses.asdict(check) for check in doctor.examine()]
    return found | {
        "logs": json.dumps(log_lines, ensure_ascii=False),
        "doctor": json.dumps(checks, ensure_ascii=False),
        "metrics": generate_latest(figures).decode(),
    }


def assert_no_secret(texts: dict[str, str]) -> None:
    in_use = (TOKEN, PASSWORD)
    written = (str, quote, lambda one: quote(one, safe=""), lambda one: json.dumps(one)[1:-1], in_base64)
    forms = {form(one) for one in in_use for form in written}
    found = {(place, form) for place, text in texts.items() for form in forms if form in text.replace('""', '"')}
    assert found == set()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, "json"),
        (403, "text"),
        (400, "json"),
        (422, "text"),
        (404, "list"),
        (500, "json"),
        (302, "text"),
        (200, "broken"),
        (200, "text"),
    ],
)
def test_no_answer_brings_a_secret_into_what_is_kept(careless, toy, products, work, log_lines, tmp_path, status, kind):
    answer = echo(status, kind)
    toy.before.append(lambda request: answer(request) if request.method == "PUT" or status in (401, 302) else None)

    run = work("products")

    assert run.state in (Run.State.FAILED, Run.State.PROBLEMS)
    assert Exchange.objects.exists()
    assert_no_secret(written_down(tmp_path, log_lines))


def test_an_error_of_our_own_that_holds_a_secret_is_told_without_it(
    careless, toy, products, work, log_lines, tmp_path, monkeypatch
):
    stumbling = dataclasses.replace(CARELESS, client=StumblingClient)
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": stumbling})

    run = work("products")

    told = run.says + " ".join(Item.objects.values_list("says", flat=True)) + json.dumps(log_lines)
    assert hiding.BLOT in told
    assert_no_secret(written_down(tmp_path, log_lines))


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"message": "x" * (MOST_SAID - 10) + PASSWORD}),
        "x" * (MOST_SAID - 10) + PASSWORD,
        "é" * (KEPT_BODY // 2 - 5) + PASSWORD + "é" * KEPT_BODY,
    ],
)
def test_no_beginning_of_a_secret_is_left_where_a_text_is_cut(careless, toy, products, work, log_lines, tmp_path, body):
    headers = {"X-Echo": "x" * (MOST_SAID - 10) + PASSWORD}
    toy.before.append(lambda request: web.Response(status=400, text=body, headers=headers))

    work("products")

    assert Exchange.objects.exists()
    assert [place for place, text in written_down(tmp_path, log_lines).items() if PASSWORD[:9] in text] == []


def test_what_our_own_error_says_at_length_is_told_without_the_beginning_of_a_secret():
    with hiding.hiding([PASSWORD]):
        said = reasons.stumbled("P01", KeyError("x" * (MOST_SAID - 20) + PASSWORD))
    assert PASSWORD[:5] not in said.says


def test_a_platform_that_is_gone_is_told_without_the_secrets(careless, products, work, log_lines, tmp_path):
    Connection.objects.update(base_url="http://127.0.0.1:9")
    work("products")

    assert_no_secret(written_down(tmp_path, log_lines))


def test_every_line_of_a_run_has_its_ids(careless, toy, products, work, log_lines):
    toy.before.append(lambda request: web.Response(status=500) if request.method == "PUT" else None)
    run = work("products")

    lines = [line for line in log_lines if "run" in line]
    assert {line["run"] for line in lines} == {run.pk}
    assert {line["logger"] for line in lines} >= {"linesheet.sync.engine", "linesheet.sync.transport"}
    assert [line["message"] for line in lines if line.get("connection") != careless.pk] == ["run taken, epoch 1"]
    assert {line["task"] for line in lines[1:]} == {"products"}


def test_short_secrets_are_left_alone_for_they_are_found_by_chance():
    with hiding.hiding(["abc", "abcdefgh"]):
        assert hiding.hide("abc, abcdefgh, abcdefghi") == "abc, ***, ***i"
    assert hiding.hide("abcdefgh") == "abcdefgh"
