"""A service refuses to start on a bad value, with one line."""

from pathlib import Path

import pytest

from tests.sample import Settings

GOOD = {"DATABASE_URL": "postgresql://role@db:5432/shop", "REDIS_URL": "redis://broker:6379/0"}


@pytest.fixture(autouse=True)
def good_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://role@db/shop"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_PASSWORD_FILE", "/nowhere/at/all"),
        ("DATABASE_POOL_SIZE", "0"),
        ("REDIS_URL", "http://broker"),
        ("JWKS_URL", "accounts:8000"),
    ],
)
def test_a_bad_value_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match=rf"^sample: bad settings: {name}: [^\n]+$"):
        Settings.load()


def test_a_missing_value_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDIS_URL")
    with pytest.raises(SystemExit, match="REDIS_URL: Field required"):
        Settings.load()


def test_passwords_come_from_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("p@ss/w:rd\n", encoding="utf-8")
    monkeypatch.setenv("DATABASE_PASSWORD_FILE", str(secret))
    monkeypatch.setenv("REDIS_PASSWORD_FILE", str(secret))
    settings = Settings.load()
    url = settings.sqlalchemy_url()
    assert (url.drivername, url.username, url.password) == (
        "postgresql+psycopg",
        "role",
        "p@ss/w:rd",
    )
    assert settings.redis_password() == "p@ss/w:rd"
    assert "p@ss" not in repr(settings)
