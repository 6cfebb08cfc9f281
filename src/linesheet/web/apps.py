from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "linesheet.web"
    label = "web"

    def ready(self) -> None:
        """Rotate the secrets of second factors with all others, let a new password end a lock-out, note log-ins."""
        from allauth.account.signals import password_reset
        from django.contrib.auth.signals import user_logged_in
        from django.forms import Field

        from linesheet.sync import secrets
        from linesheet.web.entrance.adapters import encrypt_second_factors_anew, unlock
        from linesheet.web.entrance.sessions import note_login

        # Before any form is declared, so that all of them speak alike.
        Field.default_error_messages = {**Field.default_error_messages, "required": "Fill this in."}
        secrets.kept_elsewhere.append(encrypt_second_factors_anew)
        password_reset.connect(unlock, dispatch_uid="linesheet.unlock")
        user_logged_in.connect(note_login, dispatch_uid="linesheet.note_login")
