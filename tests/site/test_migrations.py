import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db


def test_migrations_make_what_the_models_say():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
