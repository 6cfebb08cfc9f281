"""Who is let in, and who is not."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from linesheet.books.models import Member
from linesheet.sync import api_keys
from linesheet.sync.api_keys import KeyRefused
from linesheet.sync.models import ApiCall, ApiKey, Connection
from tests.api.conftest import Http


def test_a_key_opens_the_api_by_either_header(ask: Http):
    by_bearer = ask.get("/api/v1/status")
    by_header = ask.with_key("").get("/api/v1/status", X_API_Key=ask.key)

    assert (by_bearer.status, by_header.status) == (200, 200)
    assert by_bearer.json["company"] == "Atelier Nord"
    assert by_bearer.json["member"] == "Ada"
    assert "orders:read" in by_header.json["scopes"]


@pytest.mark.parametrize("shown", ["", "nonsense", "ls_aaaaaaaa_" + "x" * 43])
def test_nothing_opens_without_a_key_that_is_known(ask: Http, shown: str):
    answer = ask.with_key(shown).get("/api/v1/customers")

    assert answer.status == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json["code"] == "unauthorised"
    assert not ApiCall.objects.exists()


def test_a_key_in_the_address_opens_nothing(ask: Http):
    assert ask.with_key("").get(f"/api/v1/status?key={ask.key}&X-API-Key={ask.key}").status == 401


def test_a_revoked_key_opens_nothing_and_leaves_a_row_without_it(ask: Http):
    api_keys.revoke(ApiKey.objects.get())

    answer = ask.get(f"/api/v1/customers?q={ask.key}")

    assert answer.status == 401
    row = ApiCall.objects.get()
    assert (row.status, row.refused, row.key_prefix) == (401, "unauthorised", ask.key[:11])
    assert ask.key not in str(ApiCall.objects.values().get())


def test_a_key_opens_only_what_it_has_a_scope_for(ask: Http, member: Member):
    narrow = api_keys.make(member, "Seasons only", ["seasons:read"]).secret

    answer = ask.with_key(narrow).get("/api/v1/customers")

    assert ask.with_key(narrow).get("/api/v1/seasons").status == 200
    assert (answer.status, answer.json["code"]) == (403, "forbidden_scope")
    assert ApiCall.objects.filter(status=403, refused="forbidden_scope").count() == 1


def test_a_key_of_a_connection_opens_its_platforms_api_alone(call: Http, ask: Http):
    assert call.post("/api/caller/v1/notes", {"name": "A"}).status == 201
    assert call.get("/api/v1/status").json["code"] == "forbidden_scope"
    assert ask.post("/api/caller/v1/notes", {"name": "B"}).json["code"] == "forbidden_scope"


def test_a_key_of_a_connection_that_is_switched_off_is_told_to_come_later(call: Http, connection: Connection):
    Connection.objects.update(active=False)

    answer = call.post("/api/caller/v1/notes", {"name": "A"})

    assert (answer.status, answer.json["code"]) == (503, "maintenance")
    assert answer.headers["Retry-After"] == "300"


def test_a_key_may_be_kept_to_addresses(ask: Http, member: Member):
    api_keys.revoke(ApiKey.objects.get())
    elsewhere = api_keys.make(member, "Elsewhere", ["seasons:read"], ["192.0.2.0/24"]).secret
    here = api_keys.make(member, "Here", ["seasons:read"], ["127.0.0.1", "::1"]).secret

    answer = ask.with_key(elsewhere).get("/api/v1/seasons")

    assert (answer.status, answer.json["code"]) == (403, "ip_not_allowed")
    assert ask.with_key(here).get("/api/v1/seasons").status == 200


def test_a_key_remembers_when_and_from_where_it_was_used(ask: Http):
    before = timezone.now()
    ask.get("/api/v1/status")

    key = ApiKey.objects.get()
    assert key.last_address in ("127.0.0.1", "::1")
    assert key.last_used_at is not None
    assert before - datetime.timedelta(seconds=5) < key.last_used_at


def test_a_member_who_is_switched_off_or_gone_is_not_let_in(ask: Http, member: Member):
    member.user.is_active = False
    member.user.save()
    assert ask.get("/api/v1/status").status == 401

    member.user.is_active = True
    member.user.save()
    assert ask.get("/api/v1/status").status == 200
    member.delete()
    assert ask.get("/api/v1/status").status == 401


def test_calls_beyond_the_limit_are_told_when_to_come_again(ask: Http, other: Any):
    ApiKey.objects.update(window_from=timezone.now(), window_calls=api_keys.CALLS_A_MINUTE - 1)

    assert ask.get("/api/v1/status").status == 200
    answer = ask.get("/api/v1/status")

    assert (answer.status, answer.json["code"]) == (429, "rate_limited")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert ApiCall.objects.filter(status=429).count() == 1
    assert ask.with_key(other()[1]).get("/api/v1/status").status == 200
    ApiKey.objects.update(window_from=timezone.now() - datetime.timedelta(seconds=61))
    assert ask.get("/api/v1/status").status == 200


def test_two_keys_of_one_are_valid_at_a_time(member: Member):
    first = api_keys.make(member, "ERP", ["seasons:read"], ["192.0.2.7"])
    second = api_keys.rotate(first.key)

    assert (second.key.name, second.key.scopes, second.key.addresses) == ("ERP", ["seasons:read"], ["192.0.2.7/32"])
    with pytest.raises(KeyRefused) as refused:
        api_keys.make(member, "Third", ["seasons:read"])
    assert "Revoke one" in refused.value.fix
    api_keys.revoke(first.key)
    api_keys.make(member, "Third", ["seasons:read"])


@pytest.mark.parametrize(
    ("name", "scopes", "addresses", "code"),
    [
        ("", ["seasons:read"], [], "no_key_name"),
        ("ERP", [], [], "no_scopes"),
        ("ERP", ["everything"], [], "unknown_scope"),
        ("ERP", ["seasons:read"], ["elsewhere"], "no_ip_address"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(
    member: Member, name: str, scopes: list[str], addresses: list[str], code: str
):
    with pytest.raises(KeyRefused) as refused:
        api_keys.make(member, name, scopes, addresses)
    assert refused.value.reason.code == code


def test_a_keys_secret_is_nowhere(ask: Http, log_lines: list[dict[str, Any]]):
    ask.get(f"/api/v1/customers?limit=0&x={ask.key}")
    ask.get(f"/api/v1/nowhere/{ask.key}")
    ask("POST", "/api/v1/status", ask.key.encode())

    secret = ask.key[12:]
    assert ask.key.startswith("ls_")
    assert secret not in str(log_lines)
    assert secret not in str([*ApiKey.objects.values(), *ApiCall.objects.values()])
    assert ApiCall.objects.get(status=400).path.endswith("x=***")


def test_calls_that_are_not_let_in_share_a_row(ask: Http, member: Member):
    ApiKey.objects.update(window_from=timezone.now(), window_calls=api_keys.CALLS_A_MINUTE)
    for number in range(3):
        assert ask.get("/api/v1/seasons", X_Request_Id=f"limited-{number}").status == 429
    api_keys.revoke(ApiKey.objects.get())
    for _ in range(2):
        assert ask.post("/api/v1/customers/bulk", {"records": []}).status == 401

    rows = ApiCall.objects.order_by("pk").values_list("refused", "calls", "request_id")
    assert [row[:2] for row in rows] == [("rate_limited", 3), ("unauthorised", 2)]
    assert rows[0][2] == "limited-2"


def test_a_key_whose_connection_is_removed_meanwhile_opens_nothing(
    call: Http, connection: Connection, monkeypatch: pytest.MonkeyPatch
):
    counted = api_keys.count_call

    def too_late(key: ApiKey, address: str) -> Any:
        Connection.everywhere.all().delete()
        return counted(key, address)

    monkeypatch.setattr(api_keys, "count_call", too_late)

    assert call.post("/api/caller/v1/notes", {"name": "A"}).status == 401
