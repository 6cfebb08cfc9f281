"""Applications, their keys, and the tokens granted to them (sheet 1.2)."""

import secrets
from collections.abc import Mapping

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.nuorder.portal import Portal

_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789"
"""Without i, l, o, I, L, O, 0 and 1."""


def random_text(length: int) -> str:
    """A key, secret, token or verifier of the observed length."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def new_application(portal: Portal, *, key: str = "", secret: str = "") -> Record:
    """A consumer key and secret, as API Management hands them out; made up unless given."""
    application: Record = {
        "consumer_key": key or random_text(24),
        "consumer_secret": secret or random_text(64),
        "created_on": portal.clock.stamp(),
        "revoked": False,
    }
    return portal.applications.put(application["consumer_key"], application)


def grant_token(
    portal: Portal, consumer_key: str, application_name: str, *, token: str = "", secret: str = ""
) -> Record:
    """A token, which never expires until it is revoked; made up unless given."""
    granted: Record = {
        "token": token or random_text(24),
        "token_secret": secret or random_text(64),
        "consumer_key": consumer_key,
        "application_name": application_name,
        "created_on": portal.clock.stamp(),
        "revoked": False,
    }
    return portal.tokens.put(granted["token"], granted)


def credentials_of(portal: Portal, token: Record) -> dict[str, str]:
    """The four values a client needs."""
    application = portal.applications.get(token["consumer_key"]) or {}
    return {
        "consumer_key": token["consumer_key"],
        "consumer_secret": application["consumer_secret"],
        "token": token["token"],
        "token_secret": token["token_secret"],
    }


def ready_made_credentials(portal: Portal) -> dict[str, str]:
    """Credentials of the account a portal comes with, created on the first call."""
    token = next((token for token in portal.tokens.all() if token.get("ready_made")), None)
    if token is None:
        application = new_application(portal)
        granted = grant_token(portal, application["consumer_key"], "Ready-made account")
        token = portal.tokens.put(granted["token"], {**granted, "ready_made": True})
        portal.store.commit()
    return credentials_of(portal, token)


def new_credentials(portal: Portal, application_name: str, given: Mapping[str, str]) -> dict[str, str]:
    """A further account: an application with a token already granted, under the `given` values if any."""
    application = new_application(portal, key=given.get("consumer_key", ""), secret=given.get("consumer_secret", ""))
    token = grant_token(
        portal,
        application["consumer_key"],
        application_name,
        token=given.get("token", ""),
        secret=given.get("token_secret", ""),
    )
    portal.store.commit()
    return credentials_of(portal, token)


def revoke(portal: Portal, token: Record) -> Record:
    """Withdraw a token: calls signed with it are refused from now on."""
    revoked = portal.tokens.put(token["token"], {**token, "revoked": True})
    portal.store.commit()
    return revoked
