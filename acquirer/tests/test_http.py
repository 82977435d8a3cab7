import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from acquirer.main import create_app
from acquirer.settings import Settings

Call = Callable[..., httpx.Response]


@pytest.fixture
def call(tmp_path: Path) -> Call:
    settings = Settings(
        journal_file=tmp_path / "journal.jsonl",
        delay_median_ms=0,
        slow_seconds=0,
        hold_seconds=0,
    )
    app = create_app(settings)

    def send(method: str, path: str, body: Any = None) -> httpx.Response:
        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(app)
            async with (
                app.router.lifespan_context(app),
                httpx.AsyncClient(transport=transport, base_url="http://acquirer") as client,
            ):
                return await client.request(method, path, json=body)

        return asyncio.run(once())

    return send


def authorization(token: str, reference: str = "r1") -> dict[str, Any]:
    return {"reference": reference, "amount": {"amount": 250, "currency": "EUR"}, "token": token}


@pytest.mark.parametrize(
    ("token", "status"),
    [
        ("tok_ok", "authorized"),
        ("tok_slow", "authorized"),
        ("tok_timeout", "authorized"),
        ("tok_declined", "declined"),
        ("tok_unheard_of", "declined"),
    ],
)
def test_the_token_decides(call: Call, token: str, status: str) -> None:
    first = call("POST", "/authorizations", authorization(token))
    assert (first.status_code, first.json()["status"]) == (201, status)
    again = call("POST", "/authorizations", authorization(token))
    assert (again.status_code, again.json()) == (200, first.json())


def test_an_error_records_nothing(call: Call) -> None:
    assert call("POST", "/authorizations", authorization("tok_error")).status_code == 500
    assert call("GET", "/ledger").json() == {"items": []}


def test_the_ledger_shows_the_life_of_a_payment(call: Call) -> None:
    call("POST", "/authorizations", authorization("tok_ok"))
    assert call("POST", "/captures", {"reference": "r1"}).json()["status"] == "captured"
    assert call("POST", "/refunds", {"reference": "r1"}).json()["status"] == "refunded"
    assert call("GET", "/authorizations/r1").json()["status"] == "refunded"
    [entry] = call("GET", "/ledger").json()["items"]
    assert entry["amount"] == {"amount": 250, "currency": "EUR"}


def test_refusals_and_nonsense_are_told_apart(call: Call) -> None:
    assert call("POST", "/captures", {"reference": "unknown"}).status_code == 409
    assert call("POST", "/captures", {}).status_code == 422
    assert call("GET", "/authorizations/unknown").status_code == 404
