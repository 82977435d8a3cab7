"""What callers ask for: hypothesis strategies over valid and invalid values."""

import functools
from typing import Any, Final

from hypothesis import strategies as st

from differential.world import FORGED, NOBODY, STAFF
from driver.cases import cases
from driver.openapi import operation

CUSTOMERS: Final = ("ada", "ben", "cleo")
customer: Final = st.sampled_from(CUSTOMERS)
anyone: Final = st.sampled_from(("ada", "ada", "ben", "ben", "cleo", STAFF, NOBODY, FORGED))
mostly_staff: Final = st.sampled_from((STAFF, STAFF, STAFF, STAFF, STAFF, "ada", NOBODY, FORGED))
index: Final = st.integers(0, 6)
small: Final = st.integers(0, 12)
quantity: Final[st.SearchStrategy[Any]] = st.one_of(
    st.integers(1, 6), st.sampled_from((0, 99, 100, 100, -1, None, "2", 2.0, True, []))
)
stock: Final[st.SearchStrategy[Any]] = st.one_of(
    small, st.sampled_from((0, 1, 1_000_000_000, 1_000_000_001, -1, "5", 5.0, None, False))
)
amount: Final[st.SearchStrategy[Any]] = st.one_of(
    st.integers(0, 5000), st.sampled_from((0, 1, 1_000_000_000, 1_000_000_001, -1, "1", 1.5, None))
)
text: Final = st.sampled_from(
    ("Desk", "Lamp", "Zoë's 東京 😀", "", " ", "x" * 201, "a\0b", 5, None)
)
tags: Final[st.SearchStrategy[Any]] = st.one_of(
    st.lists(st.sampled_from(("wood", "steel", "red", "sale")), max_size=4),
    st.sampled_from(([""], ["x" * 31], [5], "wood", None, ["t"] * 11)),
)
token: Final = st.sampled_from(
    ("tok_ok",) * 8 + ("tok_declined", "tok_declined", "tok_other", "tok_error", "", 5)
)
then: Final = st.sampled_from(("", "", "cancel", "cancel", "ship", "again"))
city: Final = st.sampled_from(("Dublin", "Dublin", "Dublin", "Cork", "", None))
key: Final = st.one_of(st.none(), st.none(), st.integers(0, 2))
password: Final = st.sampled_from(("correct horse battery staple",) * 2 + ("wrong", "", None))
limit: Final = st.sampled_from(("1", "2", "3", "20", "100", "0", "101", "x", ""))
page_size: Final = st.sampled_from(("1", "2", "3", "20"))
sort: Final = st.sampled_from(("name", "price", "-price", "newest"))
browse_sort: Final = st.sampled_from(("name", "price", "-price"))
WORDS: Final = (
    *("batteries", "beginners", "travellers -steel", '"chosen for collectors"', "&|! beginners"),
    *("beginners or families", "the", "repairable steel", "Nordic -batteries chosen", "owl"),
)
things: Final = st.sampled_from(
    (
        *("/products/{product}", "/products/{product}", "/inventory/{product}", "/accounts/me"),
        *("/orders/{order}", "/orders/{order}", "/payments/{order}", "/payments/{order}"),
    )
)
order_ids: Final = st.sampled_from(
    ("garbage", "0", "00000000-0000-4000-8000-000000000000", "ffffffffffffffffffffffffffffffff")
)
product_ids: Final = st.sampled_from(("0", "x", "-1", "1.0", "999999999999", "9" * 19, "9" * 30))


price: Final[st.SearchStrategy[Any]] = st.one_of(
    st.builds(lambda amount: {"amount": amount, "currency": "EUR"}, amount),
    st.sampled_from(({}, None, {"amount": 1, "currency": "USD"}, {"amount": 1})),
)
product_fields: Final = st.fixed_dictionaries(
    {},
    optional={
        "name": text,
        "description": text,
        "category": st.sampled_from(("<category>", "<category>", "no-such-category", "", None)),
        "price": price,
        "tags": tags,
        "surprise": st.just(1),
    },
)


@functools.cache
def bad_bodies() -> st.SearchStrategy[dict[str, Any]]:
    """The golden bodies that are refused, whoever sends them."""
    return st.sampled_from([case for case in cases("validation")["bodies"] if case["errors"]])


@functools.cache
def queries() -> st.SearchStrategy[dict[str, Any]]:
    """The golden queries that are refused, and the lists that only their caller fills."""
    return st.sampled_from([case for case in cases("queries")["queries"] if case["errors"]])


_PATHS: Final = (
    *("/accounts", "/accounts/me", "/sessions", "/products", "/categories", "/cart", "/orders"),
    *("/products/1", "/inventory/1", "/cart/items/1", "/notifications", "/nothing", "/orders/"),
    *("/products/1/recommendations", "/payments/x", "/orders/x", "/orders/x/ship", ""),
)
methods: Final = st.sampled_from(("PATCH", "HEAD", "OPTIONS", "DELETE", "PUT", "POST"))
paths: Final = st.sampled_from(_PATHS)
contents: Final = st.sampled_from(
    (b"", b"{", b"[]", b"null", b"{}", b'{"a": NaN}', b'"\xff"', b'{"a":"\\ud800"}', b"\0")
)
content_types: Final = st.sampled_from(
    ("application/json", "application/json", "application/json; charset=utf-8", "text/plain", "")
)
writing: Final = st.sampled_from(
    [
        operation(name)
        for name in (
            *("createAccount", "createSession", "createProduct", "updateProduct", "setInventory"),
            *("setCartItem", "createOrder", "cancelOrder", "shipOrder"),
        )
    ]
)
