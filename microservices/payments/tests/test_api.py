"""The service over HTTP, in front of the real acquirer."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from httpx import AsyncClient, Response
from kit_testing.tokens import TokenMaker, service_headers

ORDERS = service_headers("orders", "payments")
ADA, EVE = uuid4(), uuid4()
AMOUNT = {"amount": 4998, "currency": "EUR"}


async def ask(
    client: AsyncClient, order_id: UUID, operation: str, body: dict[str, Any] | None = None
) -> Response:
    path = f"/internal/payments/{order_id}/{operation}"
    return await client.post(path, json=body or {}, headers=ORDERS)


async def authorize(client: AsyncClient, order_id: UUID, card: str = "tok_ok") -> Response:
    body = {"account_id": str(ADA), "amount": AMOUNT, "token": card}
    return await ask(client, order_id, "authorize", body)


async def state(client: AsyncClient, order_id: UUID) -> str | None:
    answer = await client.get(f"/internal/payments/{order_id}", headers=ORDERS)
    status: str | None = answer.json().get("status") if answer.status_code == 200 else None
    return status


@pytest.fixture
def order_id() -> UUID:
    return uuid4()


@pytest.fixture
def ledger(acquirer_url: str, order_id: UUID) -> Any:
    """What the acquirer has on the books for the order."""

    def status() -> str | None:
        items = httpx.get(f"{acquirer_url}/ledger").json()["items"]
        return {item["reference"]: item["status"] for item in items}.get(str(order_id))

    return status


async def test_authorize_capture_refund(client: AsyncClient, order_id: UUID, ledger: Any) -> None:
    for operation, expected in [
        ("authorize", "authorized"),
        ("capture", "captured"),
        ("refund", "refunded"),
    ]:
        for _ in range(2):
            if operation == "authorize":
                answer = await authorize(client, order_id)
            else:
                answer = await ask(client, order_id, operation)
            assert (answer.status_code, answer.json()) == (200, {"status": expected})
            assert ledger() == expected
            assert await state(client, order_id) == expected


async def test_a_repeated_authorization_of_what_is_captured_is_still_authorized(
    client: AsyncClient, order_id: UUID, ledger: Any
) -> None:
    await authorize(client, order_id)
    await ask(client, order_id, "capture")
    assert (await authorize(client, order_id)).json() == {"status": "authorized"}
    assert ledger() == "captured"


async def test_declined(client: AsyncClient, order_id: UUID, ledger: Any) -> None:
    for _ in range(2):
        assert (await authorize(client, order_id, "tok_declined")).json() == {"status": "declined"}
    assert (await ask(client, order_id, "capture")).status_code == 409
    assert (await ask(client, order_id, "refund")).json() == {"status": "declined"}
    assert ledger() == "declined"


async def test_an_authorization_that_is_refunded_was_taken(
    client: AsyncClient, order_id: UUID, ledger: Any
) -> None:
    await authorize(client, order_id)
    assert (await ask(client, order_id, "refund")).json() == {"status": "refunded"}
    assert ledger() == "voided"


async def test_a_late_capture_is_refused(client: AsyncClient, order_id: UUID, ledger: Any) -> None:
    await authorize(client, order_id)
    await ask(client, order_id, "refund")
    answer = await ask(client, order_id, "capture")
    assert (answer.status_code, answer.json()["type"]) == (409, "payment-withdrawn")
    assert ledger() == "voided"


async def test_a_late_authorization_is_refused(
    client: AsyncClient, order_id: UUID, ledger: Any
) -> None:
    assert (await ask(client, order_id, "refund")).json() == {"status": "void"}
    answer = await authorize(client, order_id)
    assert (answer.status_code, answer.json()["type"]) == (409, "payment-withdrawn")
    assert ledger() == "voided"
    assert (await ask(client, order_id, "refund")).json() == {"status": "void"}


async def test_the_acquirer_fails(client: AsyncClient, order_id: UUID, ledger: Any) -> None:
    answer = await authorize(client, order_id, "tok_error")
    assert (answer.status_code, answer.json()["type"]) == (503, "payment-unavailable")
    assert await state(client, order_id) == "open"
    assert ledger() is None
    assert (await ask(client, order_id, "refund")).json() == {"status": "void"}
    assert ledger() == "voided"


async def test_the_acquirer_takes_it_and_never_says_so(
    client: AsyncClient, order_id: UUID, ledger: Any
) -> None:
    answer = await authorize(client, order_id, "tok_timeout")
    assert (answer.status_code, answer.json()["type"]) == (503, "payment-unavailable")
    assert (await state(client, order_id), ledger()) == ("open", "authorized")
    assert (await ask(client, order_id, "refund")).json() == {"status": "refunded"}
    assert ledger() == "voided"


async def test_everything_at_once_agrees_with_the_ledger(
    client: AsyncClient, order_id: UUID, ledger: Any
) -> None:
    await asyncio.gather(
        *(authorize(client, order_id) for _ in range(4)),
        *(ask(client, order_id, "capture") for _ in range(4)),
        *(ask(client, order_id, "refund") for _ in range(4)),
    )
    await ask(client, order_id, "refund")
    assert ledger() in ("voided", "refunded")
    assert await state(client, order_id) in ("void", "refunded")


@pytest.mark.parametrize("card", ["tok_ok", "tok_declined"])
async def test_the_owner_sees_it_and_nobody_else(
    client: AsyncClient, order_id: UUID, token_maker: TokenMaker, card: str
) -> None:
    path = f"/api/v1/payments/{order_id}"
    mine, hers = token_maker.headers(ADA), token_maker.headers(EVE, "staff")
    assert (await client.get(path, headers=mine)).status_code == 404
    await authorize(client, order_id, card)

    answer = await client.get(path, headers=mine)

    assert answer.status_code == 200
    seen = answer.json()
    assert seen["updated_at"] >= seen["created_at"]
    assert (seen["order_id"], seen["amount"]) == (str(order_id), AMOUNT)
    assert seen["status"] == {"tok_ok": "authorized", "tok_declined": "declined"}[card]
    assert (await client.get(path, headers=hers)).status_code == 404


async def test_internal_states_are_not_shown(
    client: AsyncClient, order_id: UUID, token_maker: TokenMaker
) -> None:
    path, mine = f"/api/v1/payments/{order_id}", token_maker.headers(ADA)
    await authorize(client, order_id, "tok_error")
    assert (await client.get(path, headers=mine)).status_code == 404
    await ask(client, order_id, "refund")
    assert (await client.get(path, headers=mine)).status_code == 404


@pytest.mark.parametrize("path", ["x", "00000000-0000-0000-0000-00000000000Z", "1"])
async def test_malformed_ids(client: AsyncClient, token_maker: TokenMaker, path: str) -> None:
    answer = await client.get(f"/api/v1/payments/{path}", headers=token_maker.headers(ADA))
    assert (answer.status_code, answer.json()["type"]) == (404, "not-found")


async def test_who_may_ask(client: AsyncClient, order_id: UUID) -> None:
    assert (await client.get(f"/api/v1/payments/{order_id}")).status_code == 401
    path = f"/internal/payments/{order_id}/refund"
    assert (await client.post(path, json={})).status_code == 401
    stranger = service_headers("cart", "payments")
    assert (await client.post(path, json={}, headers=stranger)).status_code == 403
