"""The account, its people, and the keys of both generations of the API (sheet 1)."""

import secrets
from collections.abc import Mapping
from uuid import uuid4

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.portal import JoorPortal


def ready_made_credentials(portal: JoorPortal) -> dict[str, str]:
    """What a client needs for both generations of the API: the keys the account comes with, made on the first call."""
    account = next(portal.accounts.all(), None)
    if account is None:
        return new_credentials(portal, {})
    return dict(account["credentials"])


def account_id(portal: JoorPortal) -> str:
    """The id of the one account this portal is."""
    return ready_made_credentials(portal)["account_id"]


def new_credentials(portal: JoorPortal, given: Mapping[str, str]) -> dict[str, str]:
    """Further keys to the account, under the `given` values where there are any; the first make the account itself."""
    account = next(portal.accounts.all(), None)
    credentials = {
        "client_id": given.get("client_id") or f"joor-api-{secrets.token_hex(4)}",
        "client_secret": given.get("client_secret") or str(uuid4()),
        "username": given.get("username") or f"api-{secrets.token_hex(4)}@brand.example",
        "password": given.get("password") or secrets.token_urlsafe(15),
        "account_id": account["id"] if account else str(200_000 + secrets.randbelow(700_000)),
        "v2_token": given.get("v2_token") or secrets.token_hex(20),
    }
    if account is None:
        key = credentials["account_id"]
        portal.accounts.put(key, {"id": key, "name": "Sandbox Brand", "credentials": credentials})
    client = {name: credentials[name] for name in ("client_id", "client_secret")}
    portal.clients.put(client["client_id"], client)
    user = {name: credentials[name] for name in ("username", "password", "account_id")}
    portal.users.put(user["username"], {**user, "revoked": False})
    token: Record = {"token": credentials["v2_token"], "account_id": credentials["account_id"], "revoked": False}
    portal.v2_tokens.put(token["token"], token)
    portal.store.commit()
    return credentials


def revoke(portal: JoorPortal, *, username: str, v2_token: str) -> list[Record]:
    """Withdraw a user with all access it was granted, or a v2 token, or both; what was withdrawn."""
    revoked = []
    if user := portal.users.get(username):
        portal.users.put(username, {**user, "revoked": True})
        for key in portal.access_tokens.ids():
            if (portal.access_tokens.get(key) or {})["username"] == username:
                portal.access_tokens.remove(key)
        revoked.append({"username": username})
    if token := portal.v2_tokens.get(v2_token):
        portal.v2_tokens.put(v2_token, {**token, "revoked": True})
        revoked.append({"v2_token": v2_token})
    portal.store.commit()
    return revoked
