"""It refuses to start on a bad value, in one line."""

import pytest

from modulith.settings import Settings


def test_each_service_has_its_own_database(settings: Settings) -> None:
    assert settings.whole
    assert len({one.database_url for one in settings.present}) == 8
    assert {one.database_pool_size for one in settings.present} == {2}


@pytest.mark.parametrize(
    ("variable", "value", "line"),
    [
        ("CART_DATABASE_URL", None, "cart: bad settings: DATABASE_URL"),
        ("ORDERS_DATABASE_URL", "mysql://x/y", "orders: bad settings: DATABASE_URL"),
        ("DATABASE_POOL_SIZE", "0", "accounts: bad settings: DATABASE_POOL_SIZE"),
        ("ACQUIRER_URL", "ftp://x", "payments: bad settings: ACQUIRER_URL"),
        ("JWT_PRIVATE_KEY_FILE", "nowhere", "accounts: bad settings: JWT_PRIVATE_KEY_FILE"),
    ],
)
def test_a_bad_value_stops_the_start(
    variables: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str | None,
    line: str,
) -> None:
    for name, good in variables.items():
        monkeypatch.setenv(name, good)
    if value is None:
        monkeypatch.delenv(variable)
    else:
        monkeypatch.setenv(variable, value)
    with pytest.raises(SystemExit, match=line):
        Settings.load()
