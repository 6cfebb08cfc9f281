"""What the hub tells ORDRE of its own accord, where that was agreed (sheet ordre.md 6.7)."""

import hashlib
import hmac
import time

from linesheet_sandbox.common.http import Call, decode_json, whole_number
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.ordre.errors import RefusedError
from linesheet_sandbox.ordre.portal import OrdrePortal

_SECRET = "events_secret"
_KEPT = 200
_OLDEST_SECONDS = 300


def know_secret(portal: OrdrePortal, secret: str) -> None:
    """Messages are signed with this from now on; it is shown nowhere again."""
    if not secret.strip():
        raise RefusedError(400, "secret must be the secret that the hub showed with the webhook")
    portal.hub.put(_SECRET, {"secret": secret.strip()})


def secret_known(portal: OrdrePortal) -> bool:
    """Whether messages can be told from forgeries."""
    return portal.hub.get(_SECRET) is not None


def take(portal: OrdrePortal, call: Call) -> bool:
    """Keep a message, whether its signature is right or not; whether it is. A message that comes again is kept once."""
    told = _told(call)
    right = _signed(portal, call)
    number = call.headers.get("linesheet-delivery", "")[:64]
    known = next((each["id"] for each in portal.events.all() if number and each["delivery"] == number), None)
    key = known or f"{portal.next_number('event'):08d}"
    portal.events.put(
        key,
        {
            "id": key,
            "delivery": number,
            "type": str(told.get("type") or ""),
            "signed": right,
            "data": told.get("data"),
            "came_at": portal.clock.stamp(),
        },
    )
    for old in portal.events.ids()[:-_KEPT]:
        portal.events.remove(old)
    portal.store.commit()
    return right


def _told(call: Call) -> Record:
    try:
        told = decode_json(call.body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _signed(portal: OrdrePortal, call: Call) -> bool:
    """HMAC-SHA256 over timestamp and body (sheet 6.7). Several signs may come with it; old ones count for nothing."""
    kept, stamp = portal.hub.get(_SECRET), call.headers.get("linesheet-timestamp", "")
    moment = whole_number(stamp)
    if kept is None or moment is None or abs(time.time() - moment) > _OLDEST_SECONDS:
        return False
    ours = hmac.new(kept["secret"].encode(), stamp.encode() + b"." + call.body, hashlib.sha256).hexdigest()
    signs = call.headers.get("linesheet-signature", "").split(",")
    return any(hmac.compare_digest(sign.strip().encode(), f"v1={ours}".encode()) for sign in signs)
