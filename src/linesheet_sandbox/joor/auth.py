"""Tokens of v4, and who is calling (sheet 1)."""

import base64
import hmac
import secrets
from email import message_from_bytes
from email.policy import HTTP
from urllib.parse import parse_qsl
from uuid import uuid4

from linesheet_sandbox.common.http import Answer, Call, json_answer
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.joor.envelopes import RefusedCallError
from linesheet_sandbox.joor.portal import JoorPortal

_SCHEMES = ("bearer", "oauth2")


def answer_auth(portal: JoorPortal, call: Call) -> Answer:
    """`POST /auth/`: a fresh access token for a password or a refresh token. Older tokens stay good."""
    if call.method != "POST":
        return _denied(405, "invalid_request", "only POST is answered here")
    form = _form(call)
    grant = form.get("grant_type", "")
    if grant not in ("password", "refresh_token"):
        return _denied(400, "unsupported_grant_type", "grant_type must be password or refresh_token")
    if not _known_client(portal, form):
        return _denied(401, "invalid_grant", "Invalid client credentials")
    user = _user_by_password(portal, form) if grant == "password" else _user_by_refresh(portal, form)
    if user is None:
        said = "Invalid user credentials" if grant == "password" else "Invalid refresh token"
        return _denied(401, "invalid_grant", said)
    return json_answer(_granted(portal, user))


def account_calling(portal: JoorPortal, call: Call) -> str:
    """The id of the account a v2 or v4 call is made for. Refuses with 401 when the token is no good."""
    header = call.headers.get("authorization", "")
    found = _v2_account(portal, header) if call.raw_path.startswith("/v2") else _v4_account(portal, header)
    if found is None:
        raise RefusedCallError(401, "the token is missing, wrong or expired")
    return found


def check_account(call: Call, account: str) -> None:
    """Refuse with 403 a v4 call whose `account` is missing or another one than the token is for."""
    wanted = call.query().get("account")
    if wanted != account:
        raise RefusedCallError(403, f"account {wanted} is not yours" if wanted else "the account parameter is missing")


def _v4_account(portal: JoorPortal, header: str) -> str | None:
    scheme, _, rest = header.strip().partition(" ")
    token = portal.access_tokens.get(rest.strip() if scheme.lower() in _SCHEMES else header.strip())
    if token is None or token["expires_at"] <= portal.clock.now().timestamp():
        return None
    return str(token["account_id"])


def _v2_account(portal: JoorPortal, header: str) -> str | None:
    scheme, _, encoded = header.strip().partition(" ")
    if scheme.lower() not in _SCHEMES:
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except ValueError:
        return None
    token = portal.v2_tokens.get(text)
    return str(token["account_id"]) if token and not token["revoked"] else None


def _known_client(portal: JoorPortal, form: dict[str, str]) -> bool:
    client = portal.clients.get(form.get("client_id", ""))
    return client is not None and _same(client["client_secret"], form.get("client_secret", ""))


def _user_by_password(portal: JoorPortal, form: dict[str, str]) -> Record | None:
    user = portal.users.get(form.get("username", ""))
    if user is None or user["revoked"] or not _same(user["password"], form.get("password", "")):
        return None
    return user


def _user_by_refresh(portal: JoorPortal, form: dict[str, str]) -> Record | None:
    token = portal.access_tokens.by("refresh", form.get("refresh_token", ""))
    if token is None or token["refresh_expires_at"] <= portal.clock.now().timestamp():
        return None
    user = portal.users.get(token["username"])
    return user if user and not user["revoked"] else None


def _granted(portal: JoorPortal, user: Record) -> Record:
    """The reply to a good request (sheet 1), in the shape of Keycloak's."""
    now, settings = portal.clock.now().timestamp(), portal.settings
    _forget_expired(portal, now)
    token: Record = {
        "access_token": secrets.token_urlsafe(48),
        "refresh_token": secrets.token_urlsafe(48),
        "username": user["username"],
        "account_id": user["account_id"],
        "expires_at": now + settings.access_seconds,
        "refresh_expires_at": now + settings.refresh_seconds,
    }
    portal.access_tokens.put(token["access_token"], token)
    return {
        "access_token": token["access_token"],
        "expires_in": int(settings.access_seconds),
        "refresh_expires_in": int(settings.refresh_seconds),
        "refresh_token": token["refresh_token"],
        "token_type": "Bearer",
        "not-before-policy": 0,
        "session_state": str(uuid4()),
        "scope": "email profile",
    }


def _forget_expired(portal: JoorPortal, now: float) -> None:
    for token in list(portal.access_tokens.all()):
        if max(token["expires_at"], token["refresh_expires_at"]) <= now:
            portal.access_tokens.remove(token["access_token"])


def _form(call: Call) -> dict[str, str]:
    """The fields sent, as `multipart/form-data` or `application/x-www-form-urlencoded`."""
    kind = call.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/form-data"):
        return dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True))
    whole = message_from_bytes(f"content-type: {kind}\r\n\r\n".encode() + call.body, policy=HTTP)
    fields = {}
    for part in whole.iter_parts() if whole.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            fields[name] = content.decode("utf-8", "replace")
    return fields


def _same(kept: str, given: str) -> bool:
    return hmac.compare_digest(kept.encode(), given.encode())


def _denied(status: int, error: str, description: str) -> Answer:
    return json_answer({"error": error, "error_description": description}, status)
