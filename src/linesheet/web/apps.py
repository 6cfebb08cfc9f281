from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "linesheet.web"
    label = "web"

    def ready(self) -> None:
        """Rotate the secrets of second factors with all others, let a new password end a lock-out, and note log-ins."""
        from allauth.account.signals import password_reset
        from django.contrib.auth.signals import user_logged_in

        from linesheet.sync import secrets
        from linesheet.web.entrance.adapters import encrypt_second_factors_anew, unlock
        from linesheet.web.entrance.sessions import note_login

        secrets.kept_elsewhere.append(encrypt_second_factors_anew)
        password_reset.connect(unlock, dispatch_uid="linesheet.unlock")
        user_logged_in.connect(note_login, dispatch_uid="linesheet.note_login")
