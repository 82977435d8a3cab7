"""What is kept in files agrees with the code."""

from pathlib import Path

from kit_testing.checks import assert_migrations_are_complete, assert_openapi_is_current

from inventory.settings import Settings

PROJECT = Path(__file__).parents[1]


def test_the_openapi_document_is_current() -> None:
    assert_openapi_is_current("inventory", PROJECT)


def test_the_migrations_make_the_models_tables(settings: Settings) -> None:
    assert_migrations_are_complete(settings.database_url, PROJECT)
