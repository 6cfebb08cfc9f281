"""How Linesheet bends django-allauth: no sign-up, our own words, secrets of second factors encrypted."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from axes.utils import reset
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from linesheet.books.models import User
from linesheet.site.origin import address_of
from linesheet.sync import secrets

_UNSAID = {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}


def keep_address(user: User) -> None:
    """Have allauth know the address a person was let in with; whoever let them in vouches for it."""
    if not EmailAddress.objects.filter(user=user).exists():
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)


def unlock(user: User, **_: Any) -> None:
    """Forget failed log-ins of a person who has proved who they are by resetting their password."""
    reset(username=user.email)


def encrypt_second_factors_anew() -> int:
    """Encrypt secrets of authenticator apps and recovery codes with the newest key; how many people's they were."""
    rows = Authenticator.objects.filter(type__in=[Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES])
    count = 0
    for row in rows.select_for_update():
        for key in ("secret", "seed"):
            if key in row.data:
                row.data[key] = secrets.encrypt(secrets.decrypt(row.data[key]))
        row.save(update_fields=["data"])
        count += 1
    return count


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Log-in, log-out, passwords and addresses."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": "This user is switched off. Ask an owner of your company.",
        "email_password_mismatch": "No member has this e-mail and password. Check both; capitals count.",
        "email_taken": "This address cannot be used. Give another one.",
        "duplicate_email": "You log in with this address already.",
        "enter_current_password": "This is not your current password.",
        "incorrect_password": "This is not your password.",
        "incorrect_code": "This code is not right. Codes change every 30 seconds; enter the one shown now.",
        "too_many_login_attempts": "Too many wrong tries. Wait five minutes and try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: an owner's invitation or the first set-up makes users."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Leave counting wrong passwords to django-axes; wrong codes are still counted here."""

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        keep_address(user)
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return response

    def reauthenticate(self, user: Any, password: str) -> bool:
        keep_address(user)
        return bool(super().reauthenticate(user, password))

    def get_client_ip(self, request: HttpRequest) -> str:
        # Without the name of the network card that a link-local address may come with: it is not part of it.
        return address_of(request).partition("%")[0]

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def get_email_verification_redirect_url(self, email_address: Any) -> str:
        return reverse("account" if self.request.user.is_authenticated else "login")

    def get_reset_password_from_key_url(self, key: str) -> str:
        return _public(super().get_reset_password_from_key_url(key), self.request)

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return _public(super().get_email_confirmation_url(request, emailconfirmation), request)

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        """Not to somebody else, who would give their address away by opening the link; who asked is told nothing."""
        if not _is_somebody_elses(emailconfirmation.email_address):
            super().send_confirmation_mail(request, emailconfirmation, signup)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        return not _is_somebody_elses(email_address) and bool(super().confirm_email(request, email_address))

    def send_account_already_exists_mail(self, email: str) -> None:
        """Say nothing: somebody typed an address that is another member's."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        super().send_mail(template_prefix, email, {**context, "linesheet": public_url(self.request)})

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """Pass on what is worth reading."""
        if message_template not in _UNSAID:
            super().add_message(request, level, message_template, *args, **kwargs)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Authenticator apps, passkeys and recovery codes."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This code is not right. Codes change every 30 seconds; enter the one shown now.",
    }

    def encrypt(self, text: str) -> str:
        return secrets.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return secrets.decrypt(encrypted_text)

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        count = Authenticator.objects.filter(user=user, type=type).count()
        return f"Passkey {count + 1}" if count else "Passkey"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": "Linesheet"}


def has_second_factor(user: User) -> bool:
    """Whether a password alone does not let this person in."""
    return bool(is_mfa_enabled(user))


def public_url(request: HttpRequest) -> str:
    """Where people reach this installation: LINESHEET_PUBLIC_URL, or else as this request did; no slash at the end."""
    return settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")


def _is_somebody_elses(address: EmailAddress) -> bool:
    return User.objects.filter(email=address.email.lower()).exclude(pk=address.user_id).exists()


def _public(url: str, request: HttpRequest) -> str:
    here = request.build_absolute_uri("/").rstrip("/")
    return public_url(request) + url.removeprefix(here)
