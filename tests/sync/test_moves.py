"""Moving a connection to another place: what may go along, and what is forgotten."""

import dataclasses

import pytest
from django.utils import timezone

from linesheet.books.changes import recorded, undo
from linesheet.books.models import ChangeSet, Customer
from linesheet.sync import moves, registry
from linesheet.sync.base_urls import BaseUrlRefused
from linesheet.sync.connections import add_connection, change_connection
from linesheet.sync.contexts import whole_runs
from linesheet.sync.matches import remember
from linesheet.sync.models import Connection, InboxRecord, Link, Match, Run
from linesheet.sync.moves import MoveRefused
from linesheet.sync.platform import Setting, SettingKind
from linesheet.sync.secrets import SecretUnreadable
from tests.sync.test_connections import ANEW, SHOP, URL, key_lost, shop, ss26  # noqa: F401 - fixtures

TRIAL = "https://trial.toy.example"


@pytest.fixture(autouse=True)
def _installed(monkeypatch):
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": SHOP})


@pytest.fixture
def known(shop) -> Connection:  # noqa: F811
    """A connection of which records, customers and an order are known; and another one."""
    rive = Customer.objects.create(name="Rive")
    other = add_connection("toy", "Other")
    for each in (shop, other):
        Link.objects.create(
            connection=each, kind="product", record_id="1", remote_id="r1", accepted_at="2026-01-01T00:00Z"
        )
    for key in ("id:7", "code:C7", "name:rive"):
        remember(shop, key, "Rive", rive)
    InboxRecord.objects.create(connection=shop, kind="order", remote_id="1", content_hash="a", payload={})
    return shop


def test_another_account_is_one_of_which_nothing_is_known(known):
    moved = change_connection(known, base_url=TRIAL, credentials=ANEW)

    assert moved == moves.Moved("trial.toy.example", links=1, matches=1)
    assert [link.connection.name for link in Link.objects.all()] == ["Other"]
    assert sorted(Match.objects.values_list("remote_key", flat=True)) == ["code:C7", "name:rive"]
    assert InboxRecord.objects.exists()


def test_what_was_run_at_the_former_account_says_nothing_of_another(known):
    ended = {"task": "check", "state": Run.State.DONE, "started_at": timezone.now()}
    Run.objects.create(connection=known, **ended)
    before = whole_runs(known.pk, "check").count()

    change_connection(known, base_url=TRIAL, credentials=ANEW)
    after = whole_runs(known.pk, "check").count()
    Run.objects.create(connection=known, **(ended | {"started_at": timezone.now()}))

    assert (before, after, whole_runs(known.pk, "check").count()) == (1, 0, 1)


@pytest.mark.parametrize(
    ("url", "credentials"), [(URL, {}), (f"{URL}/v2", {}), (f"{URL}:443", {}), ("http://toy.example", ANEW)]
)
def test_the_same_host_is_the_same_account(known, url, credentials):
    assert change_connection(known, base_url=url, credentials=credentials) is None
    assert Link.objects.filter(connection=known).exists()


@pytest.mark.parametrize("url", ["https://mine.example", f"{URL}:8443", "http://toy.example", "http://127.0.0.1:81"])
@pytest.mark.parametrize("given", [{}, {"account": "7"}])
def test_stored_secrets_are_not_sent_to_another_place(known, url, given):
    with pytest.raises(MoveRefused, match="what is set as Token would be sent there") as refused:
        change_connection(known, base_url=url, credentials=given)

    assert refused.value.reason.code == "secrets_stay"
    kept = Connection.objects.get(pk=known.pk)
    assert (kept.base_url, kept.credentials, known.base_url) == (URL, {"token": "s3cret"}, URL)
    assert Link.objects.filter(connection=known).exists()


def test_a_secret_that_is_taken_away_goes_nowhere(known):
    assert change_connection(known, base_url=TRIAL, credentials={"token": ""})
    assert Connection.objects.get(pk=known.pk).credentials == {}


def test_secrets_that_cannot_be_read_do_not_move_either(key_lost):  # noqa: F811
    with pytest.raises(SecretUnreadable):
        change_connection(key_lost, base_url=TRIAL)

    assert change_connection(key_lost, base_url=TRIAL, credentials=ANEW)


@pytest.mark.parametrize("state", ["queued", "running", "planned"])
def test_nothing_moves_under_a_run(known, state):
    run = Run.objects.create(connection=known, task="products", state=state)

    with pytest.raises(MoveRefused, match=f"run {run.pk} of Toy shop is not over"):
        change_connection(known, base_url=TRIAL, credentials=ANEW)

    assert Connection.objects.get(pk=known.pk).base_url == URL


def test_links_come_back_only_where_they_are_true(known):
    with recorded("moved", "Moved.", subject=moves.subject_of(known)) as changes:
        change_connection(known, base_url=TRIAL, credentials=ANEW)

    with pytest.raises(MoveRefused, match=r"Toy shop leads to trial\.toy\.example now"):
        moves.check_undo(changes)

    change_connection(known, base_url=URL, credentials=ANEW)
    moves.check_undo(changes)
    undo(changes)
    assert Link.objects.filter(connection=known, remote_id="r1").exists()
    assert Match.objects.filter(remote_key="id:7").exists()


def _without_links(connection: Connection, subject: str) -> ChangeSet:
    """A set in which the links and matches of a connection were taken away by hand."""
    with recorded("links", "Links taken away.", subject=subject) as changes:
        Link.objects.filter(connection=connection).delete()
        Match.objects.filter(connection=connection).delete()
    return changes


@pytest.mark.parametrize("told", [True, False])
def test_links_taken_away_before_a_move_do_not_come_back_after_it(known, told):
    subject = moves.subject_of(known) if told else f"connection:{known.pk}"
    changes = _without_links(known, subject)
    Link.objects.create(
        connection=known, kind="product", record_id="2", remote_id="r2", accepted_at="2026-01-01T00:00Z"
    )
    with recorded("moved", "Moved.", subject=moves.subject_of(known)):
        change_connection(known, base_url=TRIAL, credentials=ANEW)

    undone = undo(changes)

    assert not Link.objects.filter(connection=known).exists()
    assert sorted(Match.objects.values_list("remote_key", flat=True)) == ["code:C7", "name:rive"]
    assert "is of the account at toy.example, while Toy shop leads to trial.toy.example" in undone.kept[0]
    assert undone.kept_rows == 2


def test_links_taken_away_come_back_where_the_connection_is_back_at_their_account(known):
    changes = _without_links(known, moves.subject_of(known))
    change_connection(known, base_url=TRIAL, credentials=ANEW)
    change_connection(known, base_url=URL, credentials=ANEW)

    assert undo(changes).kept == []
    assert Link.objects.filter(connection=known, remote_id="r1").exists()
    assert Match.objects.count() == 3


LOG_IN = "https://login.toy.example/auth"


@pytest.fixture
def with_log_in(known, monkeypatch) -> Connection:
    """The connection of a platform where one logs in elsewhere, at an address of its own."""
    apart = dataclasses.replace(
        SHOP, credentials=(*SHOP.credentials, Setting(key="login", label="Log-in address", kind=SettingKind.URL))
    )
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": apart})
    change_connection(known, credentials={"login": LOG_IN, "token": "s3cret"})
    return known


@pytest.mark.parametrize("login", ["https://mine.example/auth", "http://login.toy.example/auth", ""])
def test_stored_secrets_are_not_sent_to_another_address_among_the_credentials(with_log_in, login):
    with pytest.raises(MoveRefused, match=r"Log-in address: .* is another place than before") as refused:
        change_connection(with_log_in, credentials={"login": login})

    assert "Enter Token" in refused.value.fix
    kept = Connection.objects.get(pk=with_log_in.pk)
    assert kept.credentials == {"login": LOG_IN, "token": "s3cret"}

    change_connection(with_log_in, credentials={"login": login, **ANEW})
    assert Connection.objects.get(pk=with_log_in.pk).credentials.get("login", "") == login
    assert Link.objects.filter(connection=with_log_in).exists()


@pytest.mark.parametrize("login", [LOG_IN, "https://login.toy.example/v2/auth", "https://login.toy.example:443"])
def test_the_same_host_takes_the_stored_secrets(with_log_in, login):
    change_connection(with_log_in, credentials={"login": login, "account": "7"})

    assert Connection.objects.get(pk=with_log_in.pk).credentials["login"] == login


def test_a_first_address_elsewhere_needs_the_secrets_too(known, with_log_in):
    change_connection(with_log_in, credentials={"login": "", **ANEW})

    change_connection(with_log_in, credentials={"login": f"{URL}/login"})
    with pytest.raises(MoveRefused, match=r"Log-in address: login\.toy\.example"):
        change_connection(with_log_in, credentials={"login": LOG_IN})


@pytest.mark.parametrize(("given", "kept"), [({}, {}), ({"login": "https://login.trial.example"},) * 2])
def test_another_account_is_not_logged_in_at_the_former_address(with_log_in, given, kept):
    change_connection(with_log_in, base_url=TRIAL, credentials={**ANEW, **given})

    assert Connection.objects.get(pk=with_log_in.pk).credentials == {**ANEW, **kept}


@pytest.mark.parametrize("login", ["http://169.254.169.254/latest", "https://me:s3cret@toy.example"])
def test_an_address_among_the_credentials_leads_nowhere_that_a_base_url_may_not(with_log_in, login):
    with pytest.raises(BaseUrlRefused, match="Log-in address: "):
        change_connection(with_log_in, credentials={"login": login, **ANEW})
    with pytest.raises(BaseUrlRefused, match="Log-in address: "):
        add_connection("toy", "Third", credentials={"login": login})
