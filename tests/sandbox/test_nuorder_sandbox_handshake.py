"""How an application gets its token, and how it loses it (sheet 1.2 and 1.3)."""

import pytest

from tests.sandbox.nuorder_client import Control, NuOrder, exchange

pytestmark = pytest.mark.parametrize("dialect", ["legacy", "standard"])


@pytest.fixture
def application(control: Control, dialect: str) -> NuOrder:
    """An application with its consumer key and no token yet."""
    keys = control.post("/applications")
    return NuOrder(control.url, {**keys, "token": "", "token_secret": ""}, dialect)


def initiate(application: NuOrder, name: str = "My Hub", callback: str = "oob") -> dict[str, str]:
    values = application.oauth_values("GET", "/api/initiate", oauth_callback=callback)
    header = "OAuth " + ",".join(f'{k}="{v}"' for k, v in {**values, "application_name": name}.items())
    reply = exchange(application.url, "GET", "/api/initiate", b"", {"Authorization": header})
    assert reply.status == 200, reply.body
    return dict(reply.json)


def redeem(application: NuOrder, request: dict[str, str], verifier: str):
    secrets = {"token": request["oauth_token"], "token_secret": request["oauth_token_secret"]}
    client = NuOrder(application.url, application.credentials | secrets, application.dialect)
    header = client.authorization("GET", "/api/token", oauth_verifier=verifier)
    return exchange(application.url, "GET", "/api/token", b"", {"Authorization": header})


def test_an_approved_application_gets_a_token_that_works(application, control):
    request = initiate(application)
    verifier = control.post("/applications/My%20Hub/approve")["verifier"]

    granted = redeem(application, request, verifier).json

    assert request["oauth_callback_confirmed"] is True
    assert (len(request["oauth_token"]), len(request["oauth_token_secret"]), len(verifier)) == (16, 24, 16)
    assert (len(granted["oauth_token"]), len(granted["oauth_token_secret"])) == (24, 64)
    application.credentials |= {
        "token": granted["oauth_token"],
        "token_secret": granted["oauth_token_secret"],
    }
    assert application.get("/api/products/list").json == []


def test_no_token_before_the_brand_approves(application, control):
    assert redeem(application, initiate(application), "").status == 401


def test_a_wrong_verifier_gets_no_token(application, control):
    request = initiate(application)
    control.post("/applications/My%20Hub/approve")

    assert redeem(application, request, "guessed").status == 401


def test_a_request_token_is_redeemed_once(application, control):
    request = initiate(application)
    verifier = control.post("/applications/My%20Hub/approve")["verifier"]

    assert [redeem(application, request, verifier).status for _ in range(2)] == [200, 401]


def test_a_request_token_does_not_open_the_api(application):
    request = initiate(application)
    application.credentials |= {
        "token": request["oauth_token"],
        "token_secret": request["oauth_token_secret"],
    }

    assert application.get("/api/products/list").status == 401


def test_the_verifier_goes_to_the_callback_url(application, control):
    request = initiate(application, callback="http://hub.example/back?a=1")

    approved = control.post("/applications/My%20Hub/approve")

    assert f"oauth_verifier={approved['verifier']}" in approved["callback_url"]
    assert request["oauth_token"] in approved["callback_url"]


def test_a_handshake_needs_the_application_name(application):
    header = application.authorization("GET", "/api/initiate", oauth_callback="oob")

    reply = exchange(application.url, "GET", "/api/initiate", b"", {"Authorization": header})

    assert (reply.status, reply.message) == (400, "application_name is required")


def test_approving_an_application_that_is_not_pending_is_not_found(application, control):
    assert control.call("POST", "/applications/Nobody/approve").status == 404


def test_a_revoked_token_is_refused_and_others_go_on(control, process, dialect):
    account = control.post("/credentials", {"application_name": "Second"})
    second = NuOrder(control.url, account, dialect)
    assert second.get("/api/products/list").status == 200

    control.post("/credentials/revoke", {"token": account["token"]})

    assert second.get("/api/products/list").status == 401
    assert process.client(dialect).get("/api/products/list").status == 200
