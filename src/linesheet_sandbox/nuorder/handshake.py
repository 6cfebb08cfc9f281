"""The handshake that gets an application its token, and the check of every later call (sheet 1.3, 1.5)."""

from urllib.parse import urlencode

from linesheet_sandbox.common.http import Answer, Call, json_answer
from linesheet_sandbox.common.store import Record
from linesheet_sandbox.nuorder.accounts import grant_token, random_text
from linesheet_sandbox.nuorder.auth import Authorization, Nonces, check_timestamp, parse_authorization, verify
from linesheet_sandbox.nuorder.errors import RefusedError, invalid
from linesheet_sandbox.nuorder.portal import Portal

_NONCE_MEMORY_SECONDS = 300


class Gatekeeper:
    """Admits signed calls to a portal."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._nonces = Nonces()

    def admit(self, call: Call) -> None:
        """Refuse with 401 unless the call is signed with a token in force."""
        oauth = _authorization(call)
        token = self._portal.tokens.get(oauth.value("oauth_token"))
        if not token or token["revoked"] or token["consumer_key"] != oauth.value("oauth_consumer_key"):
            raise RefusedError(401, "Invalid token")
        self._check(call, oauth, token["token_secret"])

    def initiate(self, call: Call) -> Answer:
        """`GET /api/initiate`: a request token, pending until the brand approves the application."""
        oauth = _authorization(call)
        self._check(call, oauth, "")
        name = oauth.value("application_name") or call.query().get("application_name", "")
        if not name:
            invalid("application_name is required")
        handshake = {
            "token": random_text(16),
            "token_secret": random_text(24),
            "consumer_key": oauth.value("oauth_consumer_key"),
            "application_name": name,
            "callback": oauth.values.get("oauth_callback", "oob"),
            "verifier": "",
            "created_on": self._portal.clock.stamp(),
        }
        self._portal.handshakes.put(handshake["token"], handshake)
        return json_answer(
            {
                "oauth_token": handshake["token"],
                "oauth_token_secret": handshake["token_secret"],
                "oauth_callback_confirmed": True,
            }
        )

    def exchange(self, call: Call) -> Answer:
        """`GET /api/token`: the final token for an approved request token, once."""
        oauth = _authorization(call)
        handshake = self._portal.handshakes.get(oauth.value("oauth_token"))
        if not handshake or handshake["consumer_key"] != oauth.value("oauth_consumer_key"):
            raise RefusedError(401, "Invalid token")
        self._check(call, oauth, handshake["token_secret"])
        if not handshake["verifier"] or oauth.value("oauth_verifier") != handshake["verifier"]:
            raise RefusedError(401, "Invalid verifier")
        self._portal.handshakes.remove(handshake["token"])
        token = grant_token(self._portal, handshake["consumer_key"], handshake["application_name"])
        return json_answer({"oauth_token": token["token"], "oauth_token_secret": token["token_secret"]})

    def _check(self, call: Call, oauth: Authorization, token_secret: str) -> None:
        settings = self._portal.settings
        application = self._portal.applications.get(oauth.value("oauth_consumer_key"))
        if not application or application["revoked"]:
            raise RefusedError(401, "Invalid consumer key")
        now = self._portal.clock.now().timestamp()
        signed_at = check_timestamp(oauth.value("oauth_timestamp"), now, settings.max_clock_skew)
        verify(call, oauth, application["consumer_secret"], token_secret, settings.public_url)
        if not settings.check_nonce:
            return
        oldest = now - (settings.max_clock_skew or _NONCE_MEMORY_SECONDS)
        if not self._nonces.use(application["consumer_key"], oauth.value("oauth_nonce"), signed_at, oldest):
            raise RefusedError(401, "oauth_nonce has been used before")


def approve(portal: Portal, application_name: str) -> Record | None:
    """The brand approves a pending application by its name; of several the newest. None if there is none."""
    pending = [h for h in portal.handshakes.all() if h["application_name"] == application_name]
    if not pending:
        return None
    newest = max(pending, key=lambda handshake: str(handshake["created_on"]))
    approved = portal.handshakes.put(newest["token"], {**newest, "verifier": random_text(16)})
    portal.store.commit()
    return approved


def callback_url(handshake: Record) -> str:
    """Where a browser would be sent with the verification code; "" when the code is only shown."""
    callback = str(handshake["callback"])
    if callback == "oob":
        return ""
    code = urlencode({"oauth_token": handshake["token"], "oauth_verifier": handshake["verifier"]})
    return f"{callback}{'&' if '?' in callback else '?'}{code}"


def _authorization(call: Call) -> Authorization:
    oauth = parse_authorization(call.headers.get("authorization", ""))
    if not oauth.sent:
        raise RefusedError(401, "Authorization header is missing or not OAuth")
    return oauth
