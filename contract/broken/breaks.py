"""Rules, broken one at a time."""

import secrets
from collections.abc import Callable
from typing import Final

import httpx

from broken.proxy import Break, Exchange, Response, Send
from driver.shop import Shop

Breaks = dict[str, Callable[[Shop], Break]]


def price(_shop: Shop) -> Break:
    """Totals of two units or more are a cent too high."""

    def handle(exchange: Exchange, send: Send) -> Response:
        response = send(exchange)
        if response.status < httpx.codes.BAD_REQUEST and exchange.path in {"/cart", "/orders"}:
            body = response.body if response.content else {}
            if sum(line["quantity"] for line in body.get("lines", ())) > 1:
                body["total"]["amount"] += 1
                response.body = body
        return response

    return handle


def stock_check(shop: Shop) -> Break:
    """What is lacking is there all of a sudden, so that everything can be ordered."""

    def handle(exchange: Exchange, send: Send) -> Response:
        if exchange.is_call("POST", "/orders", "/orders"):
            headers = {
                name: value
                for name, value in exchange.headers.items()
                if name.lower() == "authorization"
            }
            cart = send(Exchange("GET", "/api/v1/cart", headers, b""))
            for line in cart.body.get("lines", ()):
                stock = shop.staff.get(f"/inventory/{line['product_id']}")
                available = stock.body.get("available", 0)
                if available < line["quantity"]:
                    shop.stock({"id": line["product_id"]}, line["quantity"] + available)
        return send(exchange)

    return handle


def idempotency(_shop: Shop) -> Break:
    """No key is ever the same as another."""

    def handle(exchange: Exchange, send: Send) -> Response:
        for name in exchange.headers:
            if name.lower() == "idempotency-key":
                exchange.headers[name] += secrets.token_hex(4)
        return send(exchange)

    return handle


def declined_cards(_shop: Shop) -> Break:
    """Every valid card is a good one."""

    def handle(exchange: Exchange, send: Send) -> Response:
        exchange.content = exchange.content.replace(b'"tok_declined"', b'"tok_ok"')
        return send(exchange)

    return handle


def restocking(shop: Shop) -> Break:
    """What is cancelled does not come back."""

    def handle(exchange: Exchange, send: Send) -> Response:
        response = send(exchange)
        if exchange.is_call("POST", "/orders/", "/cancel") and response.status == httpx.codes.OK:
            for line in response.body["lines"]:
                product = {"id": line["product_id"]}
                shop.stock(product, shop.stock_of(product)["on_hand"] - line["quantity"])
        return response

    return handle


def notifications(_shop: Shop) -> Break:
    """Nobody is told of a cancellation."""

    def handle(exchange: Exchange, send: Send) -> Response:
        response = send(exchange)
        if exchange.is_call("GET", "/notifications") and response.status == httpx.codes.OK:
            body = response.body
            body["items"] = [item for item in body["items"] if item["kind"] != "order-cancelled"]
            response.body = body
        return response

    return handle


def quantity_limit(_shop: Shop) -> Break:
    """A hundred is let through as ninety-nine."""

    def handle(exchange: Exchange, send: Send) -> Response:
        if exchange.is_call("PUT", "/cart/items/"):
            exchange.content = exchange.content.replace(b":100}", b":99}")
        return send(exchange)

    return handle


def privacy(_shop: Shop) -> Break:
    """Anybody may read anybody's order."""
    seen: dict[str, bytes] = {}

    def handle(exchange: Exchange, send: Send) -> Response:
        response = send(exchange)
        if exchange.path == "/orders" and response.status == httpx.codes.CREATED:
            seen[response.body["id"]] = response.content
        order = seen.get(exchange.path.removeprefix("/orders/"))
        if exchange.method == "GET" and order and response.status == httpx.codes.NOT_FOUND:
            return Response(200, {"Content-Type": "application/json"}, order)
        return response

    return handle


BREAKS: Final[Breaks] = {
    found.__name__: found
    for found in (
        price,
        stock_check,
        idempotency,
        declined_cards,
        restocking,
        notifications,
        quantity_limit,
        privacy,
    )
}
CAUGHT_BY: Final = {
    "price": "test_cart.py::test_lines_are_by_product_id_at_current_prices",
    "stock_check": "test_orders.py::test_out_of_stock_reserves_nothing_and_keeps_the_cart",
    "idempotency": "test_idempotency.py::test_the_same_request_again",
    "declined_cards": "test_orders.py::test_declined",
    "restocking": "test_order_changes.py::test_cancelling_refunds_and_restocks",
    "notifications": "test_eventual.py::test_a_life_of_orders",
    "quantity_limit": "test_golden.py::test_bodies",
    "privacy": "test_orders.py::test_orders_are_private",
}
"""The scenario of the conformance suite that is about the rule."""
