from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "linesheet.web"
    label = "web"

    def ready(self) -> None:
        """Have the secrets of second factors rotated with all others, and let a reset password end a lock-out."""
        from allauth.account.signals import password_reset

        from linesheet.sync import secrets
        from linesheet.web.entrance.adapters import encrypt_second_factors_anew, unlock

        secrets.kept_elsewhere.append(encrypt_second_factors_anew)
        password_reset.connect(unlock, dispatch_uid="linesheet.unlock")
