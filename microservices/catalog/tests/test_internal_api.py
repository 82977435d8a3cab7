import pytest
from httpx import AsyncClient
from kit_testing.tokens import service_headers

from tests.test_products import created, problem

PATH = "/internal/products/batch"


@pytest.mark.parametrize("caller", ["cart", "orders"])
async def test_many_products_at_once(
    client: AsyncClient, staff: dict[str, str], caller: str
) -> None:
    for name in ("one", "two"):
        await created(client, staff, name=name)
    answer = await client.post(
        PATH, json={"product_ids": [2, 7, 1]}, headers=service_headers(caller, "catalog")
    )
    assert answer.status_code == 200
    price = {"amount": 1999, "currency": "EUR"}
    found = sorted(answer.json()["items"], key=lambda item: item["id"])
    assert found == [
        {"id": 1, "name": "one", "price": price},
        {"id": 2, "name": "two", "price": price},
    ]


async def test_none_are_asked_for(client: AsyncClient) -> None:
    answer = await client.post(
        PATH, json={"product_ids": []}, headers=service_headers("cart", "catalog")
    )
    assert answer.json() == {"items": []}


async def test_customers_and_other_services_are_turned_away(
    client: AsyncClient, staff: dict[str, str]
) -> None:
    body = {"product_ids": [1]}
    assert problem(await client.post(PATH, json=body)) == (401, "unauthenticated")
    assert problem(await client.post(PATH, json=body, headers=staff)) == (401, "unauthenticated")
    stranger = service_headers("payments", "catalog")
    assert problem(await client.post(PATH, json=body, headers=stranger)) == (403, "forbidden")
    elsewhere = service_headers("cart", "inventory")
    assert problem(await client.post(PATH, json=body, headers=elsewhere))[0] == 401
