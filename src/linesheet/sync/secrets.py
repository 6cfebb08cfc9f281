"""Values encrypted at rest."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.db import models, transaction

from linesheet.books.reasons import Reason, Refused
from linesheet.site.folder import encryption_keys

SECRET_UNREADABLE = Reason(
    code="secret_unreadable",
    says="Stored credentials cannot be decrypted: the encryption key they were made with is missing "
    "from LINESHEET_ENCRYPTION_KEYS or the data folder.",
    fix="Restore the key, or enter all credentials of the connection again.",
)

REASONS = (SECRET_UNREADABLE,)


kept_elsewhere: list[Callable[[], int]] = []
"""What encrypts anew secrets that are no `EncryptedJSONField`, such as those of another package; says how many."""


class SecretUnreadable(Refused):
    """A stored secret was encrypted with a key this installation does not have."""


def encrypt(text: str) -> str:
    """The text, readable with this installation's keys only."""
    return _fernet().encrypt(text.encode()).decode()


def decrypt(encrypted: str) -> str:
    """What `encrypt` was given. Raises SecretUnreadable."""
    try:
        return _fernet().decrypt(encrypted.encode()).decode()
    except InvalidToken:
        raise SecretUnreadable(SECRET_UNREADABLE) from None


def encrypt_anew() -> int:
    """Encrypt all that is secret, of every company, with the newest key; how many values that were."""
    count = 0
    with transaction.atomic():
        for model in apps.get_models():
            rows = model._base_manager.select_for_update()
            for field in model._meta.get_fields():
                if not isinstance(field, EncryptedJSONField):
                    continue
                for pk, value in list(rows.values_list("pk", field.name)):
                    count += model._base_manager.filter(pk=pk).update(**{field.name: value})
        count += sum(again() for again in kept_elsewhere)
    return count


@cache
def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in encryption_keys()])


class EncryptedJSONField(models.TextField):  # type: ignore[type-arg]  # Django's fields take no types at run time
    """A JSON value, encrypted with the newest key and readable with any of them."""

    def from_db_value(self, value: str | None, *_: Any) -> Any:
        if value is None:
            return None
        return json.loads(decrypt(value))

    def to_python(self, value: Any) -> Any:
        """The value as it is, where TextField would make it a text."""
        return value

    def get_prep_value(self, value: Any) -> str | None:
        if value is None:
            return None
        return encrypt(json.dumps(value))
