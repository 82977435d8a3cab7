"""What is kept in files agrees with the code."""

from pathlib import Path

import pytest
from kit_testing.checks import assert_migrations_are_complete, assert_openapi_is_current

from accounts.settings import Settings
from accounts.tokens import TokenIssuer
from tests.conftest import PROJECT


def test_the_openapi_document_is_current() -> None:
    assert_openapi_is_current("accounts", PROJECT)


def test_the_migrations_make_the_models_tables(settings: Settings) -> None:
    assert_migrations_are_complete(settings.database_url, PROJECT)


def test_a_bad_signing_key_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_text("no key", encoding="utf-8")
    with pytest.raises(SystemExit, match="JWT_PRIVATE_KEY_FILE"):
        TokenIssuer.from_file(path)
