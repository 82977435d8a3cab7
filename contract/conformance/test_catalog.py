"""Products and categories: reading, finding, paging, and what staff change."""

from typing import Any

import pytest

from driver.http import Caller
from driver.problems import expect_problem
from driver.shop import Customer, Shop, money, succeeded, unique, walk

NOWHERE = 999_999_999_999


@pytest.fixture(scope="module")
def word() -> str:
    return unique("q").replace("-", "")


@pytest.fixture(scope="module")
def shelf(shop: Shop, word: str) -> list[dict[str, Any]]:
    """Seven products that nothing but `word` finds, with equal names and prices among them."""
    rows = [
        ("Cedar", 500, 0),
        ("Birch", 500, 1),
        ("Alder", 900, 0),
        ("Birch", 100, 1),
        ("birch", 500, 0),
        ("Éclair", 0, 0),
        ("Zebrano", 1_000_000_000, 0),
    ]
    return [
        shop.add_product(
            name=f"{name} {word}", price=price, category=shop.categories[category], stock=None
        )
        for name, price, category in rows
    ]


def ids(items: list[dict[str, Any]]) -> list[int]:
    return [item["id"] for item in items]


def test_added_product(shop: Shop, staff: Caller, anonymous: Caller) -> None:
    body = {
        "name": "Walnut desk",
        "description": "Oiled by hand.",
        "category": shop.categories[0],
        "price": money(24900),
        "tags": ["wood", "office", "wood"],
    }
    answer = staff.post("/products", body)
    product = succeeded(answer, 201)
    assert answer.headers["Location"] == f"/api/v1/products/{product['id']}"
    assert {name: product[name] for name in body} == body
    assert (product["sold"], product["available"]) == (0, 0)
    assert product["created_at"] == product["updated_at"]
    assert succeeded(anonymous.get(f"/products/{product['id']}"), 200) == product


def test_description_and_tags_have_defaults(shop: Shop, staff: Caller) -> None:
    body = {"name": "Desk", "category": shop.categories[0], "price": money(0)}
    product = succeeded(staff.post("/products", body), 201)
    assert (product["description"], product["tags"]) == ("", [])


def test_new_product_may_have_stock_already(shop: Shop, staff: Caller) -> None:
    """Inventory does not know products: stock may be there before."""
    product = shop.add_product(stock=None)
    following = product["id"] + 1
    succeeded(staff.put(f"/inventory/{following}", {"on_hand": 7}), 200)
    later = shop.add_product(stock=None)
    if later["id"] == following:
        assert later["available"] == 7
    assert shop.product(later)["available"] == later["available"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "New name"),
        ("description", ""),
        ("description", "New"),
        ("price", money(1)),
        ("tags", []),
        ("tags", ["a", "b"]),
    ],
)
def test_change_of_one_field(shop: Shop, staff: Caller, field: str, value: object) -> None:
    product = shop.add_product(description="Old", tags=["old"], stock=3)
    before = shop.product(product)
    changed = succeeded(staff.patch(f"/products/{product['id']}", {field: value}), 200)
    assert changed[field] == value
    assert changed["updated_at"] > before["updated_at"]
    unchanged = {key: before[key] for key in before.keys() - {field, "updated_at"}}
    assert {key: changed[key] for key in unchanged} == unchanged
    assert shop.product(product) == changed


def test_change_of_everything(shop: Shop, staff: Caller) -> None:
    product = shop.add_product()
    body = {
        "name": "N",
        "description": "D",
        "category": shop.categories[1],
        "price": money(7),
        "tags": ["t"],
    }
    changed = succeeded(staff.patch(f"/products/{product['id']}", body), 200)
    assert {key: changed[key] for key in body} == body


def test_unknown_products(staff: Caller, anonymous: Caller) -> None:
    expect_problem(anonymous.get(f"/products/{NOWHERE}"), "not-found")
    expect_problem(staff.patch(f"/products/{NOWHERE}", {"name": "x"}), "not-found")
    expect_problem(staff.patch(f"/products/{NOWHERE}", {}), "not-found")


def test_refused_products_leave_no_trace(
    shop: Shop, staff: Caller, bystander: Customer, anonymous: Caller
) -> None:
    name = unique("q").replace("-", "")
    body = {"name": name, "category": shop.categories[0], "price": money(-1)}
    assert staff.post("/products", body).status == 422
    body["price"] = money(1)
    expect_problem(bystander.caller.post("/products", body), "forbidden")
    expect_problem(anonymous.post("/products", body), "unauthenticated")
    assert anonymous.get("/products", [("search", name)]).body["items"] == []


def test_available_follows_stock(shop: Shop) -> None:
    product = shop.add_product(stock=None)
    assert shop.product(product)["available"] == 0
    shop.stock(product, 4)
    assert shop.product(product)["available"] == 4


def test_list_items_are_summaries(
    anonymous: Caller, word: str, shelf: list[dict[str, Any]]
) -> None:
    items = succeeded(anonymous.get("/products", [("search", word)]), 200)["items"]
    fields = ("id", "name", "category", "price", "sold", "created_at")
    expected = {product["id"]: {key: product[key] for key in fields} for product in shelf}
    assert {item["id"]: item for item in items} == expected


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("sort", [None, "name", "price", "-price", "newest", "bestselling"])
def test_order_and_pages(
    anonymous: Caller, word: str, shelf: list[dict[str, Any]], sort: str | None, limit: int
) -> None:
    keys: dict[str, Any] = {
        "name": lambda item: (item["name"], item["id"]),
        "price": lambda item: (item["price"]["amount"], item["id"]),
        "-price": lambda item: (-item["price"]["amount"], -item["id"]),
        "newest": lambda item: -item["id"],
        "bestselling": lambda item: -item["id"],
    }
    params = [("search", word)] + ([("sort", sort)] if sort else [])
    pages = walk(anonymous, "/products", params, limit=limit)
    found = [item for page in pages for item in page]
    assert ids(found) == ids(sorted(shelf, key=keys[sort or "name"]))
    assert len(pages) == -(-len(shelf) // limit)


@pytest.mark.parametrize(
    ("low", "high", "prices"),
    [
        (None, None, [0, 100, 500, 500, 500, 900, 1_000_000_000]),
        (500, None, [500, 500, 500, 900, 1_000_000_000]),
        (None, 500, [0, 100, 500, 500, 500]),
        (500, 500, [500, 500, 500]),
        (501, 899, []),
        (900, 100, []),
        (0, 0, [0]),
    ],
)
def test_price_range(
    anonymous: Caller, word: str, shelf: list[dict[str, Any]],
    low: int | None, high: int | None, prices: list[int],
) -> None:  # fmt: skip
    params = [("search", word), ("sort", "price")]
    params += [("min_price", str(low))] if low is not None else []
    params += [("max_price", str(high))] if high is not None else []
    items = succeeded(anonymous.get("/products", params), 200)["items"]
    assert [item["price"]["amount"] for item in items] == prices


def test_category_filter(
    shop: Shop, anonymous: Caller, word: str, shelf: list[dict[str, Any]]
) -> None:
    category = shop.categories[1]
    params = [("search", word), ("category", category)]
    items = succeeded(anonymous.get("/products", params), 200)["items"]
    expected = [product for product in shelf if product["category"] == category]
    assert sorted(ids(items)) == sorted(ids(expected))
    none = succeeded(anonymous.get("/products", [("category", "no-such-category")]), 200)
    assert none == {"items": [], "next_cursor": None}


def test_search_is_english_full_text(shop: Shop, anonymous: Caller) -> None:
    word = unique("q").replace("-", "")
    running = shop.add_product(name=f"Running shoes {word}", stock=None)
    other = shop.add_product(name=f"Slippers {word}", description="Not for runners", stock=None)

    def found(query: str) -> list[int]:
        items = succeeded(anonymous.get("/products", [("search", query)]), 200)["items"]
        return ids(items)

    assert found(f"{word} shoe") == [running["id"]]
    assert found(f"{word} RUN") == [running["id"]]
    assert found(f"{word} runners") == [other["id"]]
    assert found(f"{word} -shoes") == [other["id"]]
    assert found(f'"slippers {word}"') == [other["id"]]
    assert found(f'"{word} slippers"') == []
    assert found(f"{word} shoes or {word} slippers") == [running["id"], other["id"]]
    assert found(f"{word}x") == []


def test_search_follows_changes(shop: Shop, staff: Caller, anonymous: Caller) -> None:
    before, after = (unique("q").replace("-", "") for _ in range(2))
    product = shop.add_product(name=before, stock=None)
    succeeded(staff.patch(f"/products/{product['id']}", {"name": after}), 200)
    assert anonymous.get("/products", [("search", before)]).body["items"] == []
    assert ids(anonymous.get("/products", [("search", after)]).body["items"]) == [product["id"]]


def test_default_page_is_twenty_by_name(anonymous: Caller) -> None:
    page = succeeded(anonymous.get("/products"), 200)
    assert len(page["items"]) == 20
    assert page["next_cursor"] is not None
    plain = succeeded(anonymous.get("/products", [("sort", "name"), ("limit", "20")]), 200)
    assert plain == page


def test_categories_count_their_products(shop: Shop, anonymous: Caller) -> None:
    def counts() -> dict[str, int]:
        body = succeeded(anonymous.get("/categories"), 200)
        assert body["next_cursor"] is None
        slugs = [item["slug"] for item in body["items"]]
        assert slugs == sorted(slugs)
        return {item["slug"]: item["product_count"] for item in body["items"]}

    before = counts()
    first, second = shop.categories[:2]
    product = shop.add_product(category=first, stock=None)
    assert counts() == before | {first: before[first] + 1}
    succeeded(shop.staff.patch(f"/products/{product['id']}", {"category": second}), 200)
    assert counts() == before | {second: before[second] + 1}
