"""How NuORDER grants a token: OAuth 1, with a code that a person copies (sheet nuorder.md 1.3)."""

from collections.abc import Mapping

from linesheet.platforms.nuorder.client import NuOrderClient
from linesheet.sync.platform import Grant, GrantBegun


async def _begin(nuorder: NuOrderClient, name: str) -> GrantBegun:
    token = await nuorder.with_token("", "").initiate(name)
    says = (
        f"In NuORDER, open Admin > API Management and approve the application {name}. NuORDER then shows a "
        "verification code."
    )
    return GrantBegun({"token": token.token, "token_secret": token.secret}, says)


async def _finish(nuorder: NuOrderClient, pending: Mapping[str, str], code: str) -> Mapping[str, str]:
    token = await nuorder.with_token(pending["token"], pending["token_secret"]).access_token(code)
    return {"token": token.token, "token_secret": token.secret}


GRANT = Grant(
    name="Ask NuORDER for a token",
    help="With the consumer key and secret alone: you approve Linesheet in NuORDER and copy a code from there.",
    code_label="Verification code",
    needs=("consumer_key", "consumer_secret"),
    gives=("token", "token_secret"),
    begin=_begin,
    finish=_finish,
)
