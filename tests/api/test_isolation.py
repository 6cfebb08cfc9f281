"""Nobody gets at what is another company's, and no key does more than its scopes: walked over both OpenAPI documents.

What is walked is what the documents have. An endpoint with an id or a body that is not known here fails these tests:
add what it needs to `tests/api/filled.py` or `tests/api/bodies.py`.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.apps import apps
from django.db.models import F, Sum
from django.test import Client

from linesheet.books.tenancy import CompanyOwned, acting_for
from linesheet.sync import api_keys
from linesheet.sync.connections import add_connection
from linesheet.sync.models import ApiCall, ApiKey, KeptAnswer
from tests.api.bodies import BODIES
from tests.api.filled import Filled, Named, documents, every_scope, fill, owner_of


@dataclass(frozen=True)
class Operation:
    """What a document declares."""

    api: str
    method: str
    path: str
    told: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.told["operationId"])

    @property
    def scope(self) -> str:
        """The scope a key needs; "" where every key will do."""
        found = re.search(r"scope `([^`]+)`", self.told["description"])
        return found[1] if found else ""

    def parameters(self, of: str) -> list[str]:
        return [one["name"] for one in self.told["parameters"] if one["in"] == of]

    def at(self, named: Named, **query: Any) -> str:
        """Its address, with the first that is named of each id."""
        path = self.path
        for name in self.parameters("path"):
            path = path.replace(f"{{{name}}}", quote(str(named[name][0])))
        return f"{path}?{urlencode(query)}" if query else path

    def body(self, named: Named) -> Any:
        return BODIES[self.name](named) if "requestBody" in self.told else None

    def ask(self, key: str, named: Named, /, *, headers: dict[str, str] | None = None, **query: Any) -> Any:
        """The answer to the operation on what is named."""
        body = self.body(named)
        raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        type_ = "image/png" if isinstance(body, bytes) else "application/json"
        shown = {"Authorization": f"Bearer {key}"} if key else {}
        return Client().generic(
            self.method, self.at(named, **query), raw or b"", type_, headers={**shown, **(headers or {})}
        )


@pytest.fixture(autouse=True)
def calling_platform(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """All platforms as they are installed, not the one of the other tests here; and as many calls as it takes."""
    settings.ROOT_URLCONF = "linesheet.site.urls"
    monkeypatch.setattr(api_keys, "CALLS_A_MINUTE", 10**9)


@pytest.fixture
def ours(db: None) -> Filled:
    return fill("Atelier Nord", "Nordlicht", 400_000_000_000)


@pytest.fixture
def theirs(db: None) -> Filled:
    return fill("Zebrafish House", "Zebrafish", 500_000_000_000)


def operations() -> Iterator[Operation]:
    """Of all documents; those that only look before those that do something, and those that remove last."""
    found = [
        Operation(api, method, path, told)
        for api, at in documents().items()
        for path, methods in Client().get(at).json()["paths"].items()
        for method, told in methods.items()
    ]
    return iter(sorted(found, key=lambda one: ["get", "post", "put", "delete"].index(one.method)))


def rows_of(filled: Filled) -> dict[str, list[dict[str, Any]]]:
    """Everything that is a company's."""
    return {
        model.__name__: list(model.everywhere.filter(company=filled.company).order_by("pk").values())
        for model in owned()
    }


def owned() -> list[Any]:
    return [model for model in apps.get_models() if issubclass(model, CompanyOwned)]


def test_every_id_and_body_of_the_documents_is_known(ours: Filled):
    for one in operations():
        assert set(one.parameters("path")) <= set(ours.named), one.path
        assert "requestBody" not in one.told or one.name in BODIES, one.name


def test_everything_is_within_reach_of_its_own_company(ours: Filled):
    """So that what the next test is refused, it is refused for whom it comes from."""
    for one in operations():
        answer = one.ask(ours.keys[one.api], ours.named)
        assert answer.status_code in (200, 201, 202, 204, 409, 422), (one.name, answer.content)
        assert one.method != "get" or answer.status_code == 200, (one.name, answer.content)
        assert not one.path.endswith(("/bulk", "/moves")) or answer.json()["refused"] == 0, answer.content


def test_what_is_ours_is_neither_shown_to_nor_changed_by_others(ours: Filled, theirs: Filled):
    before = rows_of(ours)

    for one in operations():
        key = theirs.keys[one.api]
        answer = one.ask(key, ours.named)
        ids = set(one.parameters("path"))
        if ids:
            assert answer.status_code == 404, (one.method, one.path, answer.content)
        if one.method == "get":
            assert ours.mark not in answer.content.decode(errors="replace").replace(one.at(ours.named), ""), one.path
        if one.method == "get" and not ids:
            assert answer.status_code == 200
            asked = set(one.parameters("query")) & set(ours.named)
            narrowed = {name: ours.named[name][0] for name in asked}
            for name, value in narrowed.items():
                listed = one.ask(key, ours.named, **{name: value})
                assert listed.json()["data"] == [] or name == "task", (one.path, name)

    assert rows_of(ours) == before
    assert_no_row_leads_to_another_company()


def assert_no_row_leads_to_another_company() -> None:
    for model in owned():
        for field in model._meta.get_fields():
            if field.many_to_one and field.related_model in owned():
                strayed = model.everywhere.exclude(**{field.name: None}).exclude(
                    **{f"{field.name}__company": F("company")}
                )
                assert not strayed.exists(), (model, field)


def test_cursors_and_idempotency_keys_of_ours_are_of_no_use_to_others(ours: Filled, theirs: Filled):
    for one in operations():
        mine, other = ours.keys[one.api], theirs.keys[one.api]
        if "cursor" in one.parameters("query"):
            cursor = one.ask(mine, ours.named, limit=1).json()["next_cursor"]
            if isinstance(cursor, str):
                answer = one.ask(other, theirs.named, cursor=cursor)
                # A place in a list of one's own, or of nobody's.
                shows = any(barcode in answer.content.decode() for barcode in ours.named["barcode"])
                assert answer.status_code == 400 or not shows, one.path
                assert ours.mark not in answer.content.decode(), one.path
        if "Idempotency-Key" in one.parameters("header"):
            once = {"Idempotency-Key": f"once-{one.name}"}
            first = one.ask(mine, ours.named, headers=once)
            if first.status_code >= 400:
                continue
            again, elsewhere = (one.ask(key, ours.named, headers=once) for key in (mine, other))
            assert again.headers.get("Idempotency-Replayed") == "true", (one.path, again.content)
            assert "Idempotency-Replayed" not in elsewhere.headers, one.path
    assert KeptAnswer.everywhere.filter(company=ours.company).count() > 5
    assert_no_row_leads_to_another_company()


def test_a_key_opens_no_other_api_and_no_other_connection(ours: Filled):
    for one in operations():
        for api, key in ours.keys.items():
            if api != one.api:
                answer = one.ask(key, ours.named)
                assert (answer.status_code, answer.json()["code"]) == (403, "forbidden_scope"), (api, one.path)

    for api in filter(None, ours.keys):
        with acting_for(ours.company):
            second = add_connection(api, "Second")
            second.settings = ours.connections[api].settings
            second.save()
            key = api_keys.make(second, "Second", every_scope(second)).secret
        for one in (one for one in operations() if one.api == api and one.method == "get"):
            answer = one.ask(key, ours.named)
            if one.scope.startswith(("catalogue:", "orders:")):
                assert answer.status_code == 404 or answer.json()["data"] == [], one.path


def test_a_key_does_what_it_has_the_scope_for_and_nothing_else(ours: Filled, log_lines: list[dict[str, Any]]):
    secrets = []
    for api in ours.keys:
        owner = owner_of(ours, api)
        with acting_for(ours.company):
            scopes = every_scope(owner)
            narrow, revoked = (
                api_keys.make(owner, "Narrow", scopes),
                ApiKey.objects.get(digest=api_keys.digest_of(ours.keys[api])),
            )
            api_keys.revoke(revoked)
        secrets += [narrow.secret, ours.keys[api]]
        for one in (one for one in operations() if one.api == api):
            assert one.scope == "" or one.scope in scopes, one.path
            _let(narrow.key, [scope for scope in scopes if scope != one.scope])
            without = one.ask(narrow.secret, ours.named)
            if one.scope:
                assert (without.status_code, without.json()["code"]) == (403, "forbidden_scope"), one.path
            else:
                assert without.status_code == 200
            assert one.ask("", ours.named).status_code == 401, one.path
            assert one.ask(ours.keys[api], ours.named, key=ours.keys[api]).status_code == 401, one.path
            _let(narrow.key, [one.scope or scopes[0]])
            assert one.ask(narrow.secret, ours.named).status_code not in (401, 403), one.path

    refused = ApiCall.everywhere.filter(status=401)
    # Those of one address, one after the other, share a row.
    assert refused.aggregate(Sum("calls"))["calls__sum"] == len(list(operations()))
    kept = str([list(model.everywhere.values()) for model in owned()]) + str(log_lines)
    assert not [secret for secret in secrets if secret in kept or secret[12:] in kept]


def _let(key: ApiKey, scopes: list[str]) -> None:
    ApiKey.everywhere.filter(pk=key.pk).update(scopes=scopes)
