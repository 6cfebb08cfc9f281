"""Keys by which programs call the API."""

from linesheet.books.models import Member, User
from linesheet.sync import api_keys
from linesheet.sync.models import ApiKey


def member() -> Member:
    user = User.objects.create_user("you@example.com", "a good password")
    return Member.objects.create(user=user, role=Member.Role.OWNER)


def test_a_key_is_made_shown_once_listed_and_revoked(linesheet, as_json, company, platform):
    member()

    made = linesheet("api-key", "add", "ERP", "--member", "you@example.com", "--scope", "orders:read", "--ip", "::1")
    secret = made.stdout.strip()
    listed = linesheet("api-key", "list")

    assert api_keys.shown(secret) == ApiKey.objects.get()
    assert secret not in listed.stdout
    assert secret[:11] in listed.stdout
    assert as_json("api-key", "list")[0]["scopes"] == ["orders:read"]
    assert as_json("api-key", "list", "--member", "you@example.com")[0]["addresses"] == ["::1/128"]
    assert "is revoked" in linesheet("api-key", "revoke", secret[:11]).stdout
    assert as_json("api-key", "list")[0]["revoked_at"]
    again = linesheet("api-key", "revoke", secret)
    assert (again.exit_code, "revoked already" in again.stderr) == (1, True)
    assert secret not in again.stderr


def test_without_scopes_it_may_all(as_json, company, platform):
    member()

    made = as_json("api-key", "add", "ERP", "--member", "you@example.com")

    assert api_keys.shown(made["key"]) is not None
    assert {"orders:read", "products:read"} <= set(made["scopes"])


def test_what_cannot_be_is_said(linesheet, shop):
    assert linesheet("api-key", "add", "ERP").exit_code == 2
    assert "called by nobody" in linesheet("api-key", "add", "ERP", "--connection", "Toy shop").stderr
    assert "is a member" in linesheet("api-key", "add", "ERP", "--member", "nobody@example.com").stderr
    assert "There is no key ls_nothing" in linesheet("api-key", "revoke", "ls_nothing").stderr
