"""Names read without care: compatible characters, spaces and capitals make no difference, nor does ß for SS."""

import unicodedata
from typing import Any

from django.db.models import Func, TextField


def careless(name: str) -> str:
    """What names have in common that differ only where people do not look."""
    return " ".join(unicodedata.normalize("NFKC", name).split()).lower().replace("ß", "ss")


class Careless(Func):
    """The same of a column, as PostgreSQL works it out."""

    template = r"replace(lower(btrim(regexp_replace(normalize(%(expressions)s, NFKC), '\s+', ' ', 'g'))), 'ß', 'ss')"
    output_field: Any = TextField()
