"""Looking around and signing in before the clock starts."""

import urllib.error
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import orjson

from twinbench.errors import TwinbenchError
from twinbench.load.plan import Customer, Shop

PASSWORD: Final = "correct horse battery staple"  # noqa: S105 - the published dataset's
STAFF: Final = "staff@shop.example"
_SIGN_INS_AT_ONCE = 2
# Beyond these, products are so rarely chosen that listing them would only take time.
_POPULAR_PRODUCTS = 1000


class PreparationError(TwinbenchError):
    """The arm does not answer as the dataset promises; the message is one clear line."""


@dataclass(frozen=True, slots=True)
class Range:
    """What the shop sells: read from one arm and used for all, so that all are asked the same."""

    categories: tuple[str, ...]
    search_terms: tuple[str, ...]
    products: tuple[int, ...]
    product_count: int


def read_range(base_url: str) -> Range:
    """Categories, bestsellers and words to search for. `base_url` is without `/api/v1`."""
    categories = answer(base_url, "/categories")["items"]
    products: list[Mapping[str, Any]] = []
    cursor = ""
    while len(products) < _POPULAR_PRODUCTS:
        page = answer(base_url, f"/products?sort=bestselling&limit=100{cursor}")
        products += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    if not products:
        raise PreparationError(f"{base_url} has no products: load the dataset first")
    words = {word.lower() for item in products[:200] for word in item["name"].split()}
    return Range(
        categories=tuple(item["slug"] for item in categories if item["product_count"]),
        search_terms=tuple(sorted(word for word in words if word.isalpha())),
        products=tuple(item["id"] for item in products),
        product_count=sum(item["product_count"] for item in categories),
    )


def prepare_shop(base_url: str, goods: Range, *, customers: int) -> Shop:
    """Sign in staff and the first `customers` seeded customers. Raises PreparationError."""
    emails = [f"customer{number}@shop.example" for number in range(1, customers + 1)]
    with ThreadPoolExecutor(_SIGN_INS_AT_ONCE) as pool:
        tokens = list(pool.map(lambda email: _sign_in(base_url, email), [*emails, STAFF]))
    return Shop(
        base_url=base_url,
        customers=tuple(
            Customer(email, PASSWORD, token)
            for email, token in zip(emails, tokens[:-1], strict=True)
        ),
        staff_token=tokens[-1],
        categories=goods.categories,
        search_terms=goods.search_terms,
        products=goods.products,
    )


def _sign_in(base_url: str, email: str) -> str:
    body = {"email": email, "password": PASSWORD}
    token: str = answer(base_url, "/sessions", method="POST", body=body)["access_token"]
    return token


def answer(
    base_url: str, path: str, *, method: str = "GET", body: object = None
) -> Mapping[str, Any]:
    """Decoded, of one request under `/api/v1`. Raises PreparationError unless it is 2xx."""
    request = urllib.request.Request(  # noqa: S310 - an address of our own
        f"{base_url}/api/v1{path}",
        method=method,
        data=None if body is None else orjson.dumps(body),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
            decoded: Mapping[str, Any] = orjson.loads(response.read())
    except urllib.error.HTTPError as error:
        raise PreparationError(f"{method} {path} at {base_url}: {error.code}") from error
    except OSError as error:
        raise PreparationError(f"{method} {path} at {base_url}: {error}") from error
    return decoded
