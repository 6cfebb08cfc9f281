"""Values encrypted at rest."""

import json
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.db import models

from linesheet.site.folder import encryption_keys


class SecretUnreadable(RuntimeError):
    """A stored secret was encrypted with a key this installation does not have."""


@cache
def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in encryption_keys()])


class EncryptedJSONField(models.TextField):  # type: ignore[type-arg]  # Django's fields take no types at run time
    """A JSON value, encrypted with the newest key and readable with any of them."""

    def from_db_value(self, value: str | None, *_: Any) -> Any:
        if value is None:
            return None
        try:
            return json.loads(_fernet().decrypt(value.encode()))
        except InvalidToken:
            raise SecretUnreadable(
                "Stored credentials cannot be decrypted: the encryption key they were made with is missing "
                "from LINESHEET_ENCRYPTION_KEYS or the data folder. Restore it, or enter the credentials again."
            ) from None

    def get_prep_value(self, value: Any) -> str | None:
        if value is None:
            return None
        return _fernet().encrypt(json.dumps(value).encode()).decode()
