"""Pages of coming in: log-in, the first set-up, invitations, one's own account, and who works in the company.

The views of django-allauth are named as it names them, since it looks its own addresses up.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import views as allauth
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.urls import path, re_path

from linesheet.web.views import companies
from linesheet.web.views.people import account, company, invitations, members, set_up

View = Callable[..., HttpResponseBase]


def _ours(view: View) -> View:
    """A view of allauth that answers a form filled in wrongly as ours do, with 422."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if request.method == "POST" and response.status_code == 200:
            response.status_code = 422
        return response

    return answered


def _open(view: View) -> View:
    """The same, for people who are not logged in."""
    return login_not_required(_ours(view))


urlpatterns = [
    path("set-up/", set_up.show, name="set_up"),
    path("invitations/<str:token>/", invitations.accept, name="accept_invitation"),
    path("login/", _open(allauth.login), name="account_login"),
    path("login/", _open(allauth.login), name="login"),
    path("login/code/", _open(second_factor.authenticate), name="mfa_authenticate"),
    path("login/passkey/", _open(passkeys.login_webauthn), name="mfa_login_webauthn"),
    path("logout/", _open(allauth.logout), name="account_logout"),
    path("logout/", _open(allauth.logout), name="logout"),
    path("password/", _open(allauth.password_reset), name="account_reset_password"),
    path("password/sent/", _open(allauth.password_reset_done), name="account_reset_password_done"),
    path(
        "password/new/done/", _open(allauth.password_reset_from_key_done), name="account_reset_password_from_key_done"
    ),
    re_path(
        r"^password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        _open(allauth.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path("email/sent/", _open(allauth.email_verification_sent), name="account_email_verification_sent"),
    re_path(r"^email/(?P<key>[-:\w]+)/$", _open(allauth.confirm_email), name="account_confirm_email"),
    path("switched-off/", _open(allauth.account_inactive), name="account_inactive"),
    path("account/", account.show, name="account"),
    path("account/", account.show, name="mfa_index"),
    path("account/", account.show, name="mfa_list_webauthn"),
    path("account/email/", _ours(allauth.email), name="account_email"),
    path("account/password/", _ours(allauth.password_change), name="account_change_password"),
    path("account/password/first/", _ours(allauth.password_set), name="account_set_password"),
    path("account/confirm/password/", _ours(allauth.reauthenticate), name="account_reauthenticate"),
    path("account/confirm/code/", _ours(second_factor.reauthenticate), name="mfa_reauthenticate"),
    path("account/confirm/passkey/", _ours(passkeys.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("account/app/", _ours(totp.activate_totp), name="mfa_activate_totp"),
    path("account/app/remove/", _ours(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("account/recovery-codes/", _ours(recovery.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("account/recovery-codes/new/", _ours(recovery.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("account/recovery-codes/file/", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("account/passkeys/add/", _ours(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/", _ours(passkeys.edit_webauthn), name="mfa_edit_webauthn"),
    path("account/passkeys/<int:pk>/remove/", _ours(passkeys.remove_webauthn), name="mfa_remove_webauthn"),
    path("account/sessions/end/", account.log_out_elsewhere, name="log_out_elsewhere"),
    path("account/sessions/<int:session_id>/end/", account.log_out_there, name="log_out_there"),
    path("company/", company.show, name="company"),
    path("company/choose/", companies.choose, name="choose_company"),
    path("members/", members.show, name="members"),
    path("members/invite/", members.invite, name="invite"),
    path("members/back/", members.take_back, name="take_member_back"),
    path("members/invitations/", members.show_invitations, name="invitations"),
    path("members/<int:member_id>/", members.one, name="member"),
    path("members/<int:member_id>/remove/", members.remove, name="remove_member"),
]
