"""The order of checks, the same for every operation of openapi.yaml."""

import base64
import uuid
from typing import Any

import orjson
import pytest

from driver.http import ABSENT, Answer, Caller
from driver.openapi import Operation, document, methods_of, operations
from driver.problems import PROBLEM, expect_errors, expect_invalid, expect_problem
from driver.shop import Customer, order_body

IDS = [item.id for item in operations()]
EVERY = pytest.mark.parametrize("operation", operations(), ids=IDS)
PROTECTED = [item for item in operations() if item.protected]
STAFF = [item for item in operations() if item.staff]
WRITING = [item for item in operations() if item.takes_body]


def by_id(items: list[Operation]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("operation", items, ids=[item.id for item in items])


def somewhere(path: str) -> str:
    """A path whose ids nothing has."""
    return path.replace("{product_id}", "999999999999").replace("{order_id}", str(uuid.uuid4()))


def send(
    caller: Caller, operation: Operation, content: bytes | None = None, **headers: str
) -> Answer:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return caller.call(operation.method, somewhere(operation.path), content=content, headers=sent)


def allowed(operation: Operation, staff: Caller, bystander: Customer) -> Caller:
    return staff if operation.staff else bystander.caller


@pytest.mark.parametrize(
    "path",
    [
        *("", "/", "/nothing", "/Products", "/accounts/", "/accounts/you", "/products/"),
        *("/products/1/", "/products/1/recommendations/", "/inventory", "/payments"),
        *("/cart/items", "/cart/items/", "/orders//cancel", "/orders/1/refund"),
        *("/internal", "/internal/products/batch"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_unknown_paths(anonymous: Caller, method: str, path: str) -> None:
    expect_problem(anonymous.call(method, path, content=b""), "not-found")


@pytest.mark.parametrize("path", document()["paths"])
def test_undeclared_methods(anonymous: Caller, bystander: Customer, path: str) -> None:
    declared = methods_of(path)
    others = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"} - declared
    for method in sorted(others):
        # Before authentication and before the body: no token, no content type.
        for caller in (anonymous, bystander.caller):
            answer = caller.call(method, somewhere(path), content=None)
            assert answer.status == 405, f"{answer}"
            allow = {name.strip() for name in answer.headers["Allow"].split(",")}
            assert allow == declared, f"{answer}: Allow: {answer.headers['Allow']}"
            assert answer.headers["Content-Type"] == PROBLEM
            if method != "HEAD":
                expect_problem(answer, "method-not-allowed")


@by_id(PROTECTED)
def test_no_token(anonymous: Caller, operation: Operation) -> None:
    expect_problem(send(anonymous, operation, b"{"), "unauthenticated")


def tampered(token: str, **claims: Any) -> str:
    header, payload, signature = token.split(".")
    decoded = orjson.loads(base64.urlsafe_b64decode(payload + "=="))
    changed = base64.urlsafe_b64encode(orjson.dumps(decoded | claims)).rstrip(b"=").decode()
    return f"{header}.{changed}.{signature}"


def unsigned(token: str) -> str:
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    return f"{header}.{token.split('.')[1]}."


@by_id(PROTECTED)
def test_bad_tokens(bystander: Customer, operation: Operation) -> None:
    token = bystander.caller.token or ""
    header, payload, signature = token.split(".")
    bad = [
        "Bearer",
        "Bearer garbage",
        f"Basic {token}",
        f"Token {token}",
        token,
        f"Bearer {token}x",
        f"Bearer {header}.{payload}.",
        f"Bearer {header}.{payload}.{signature[::-1]}",
        f"Bearer {tampered(token, role='staff')}",
        f"Bearer {tampered(token, exp=4102444800)}",
        f"Bearer {unsigned(token)}",
    ]
    for value in bad:
        answer = send(bystander.caller, operation, Authorization=value)
        expect_problem(answer, "unauthenticated")


def test_token_names_key_and_claims(bystander: Customer) -> None:
    header, payload, _ = (bystander.caller.token or "").split(".")
    head = orjson.loads(base64.urlsafe_b64decode(header + "=="))
    claims = orjson.loads(base64.urlsafe_b64decode(payload + "=="))
    assert head["alg"] == "EdDSA"
    assert head["kid"]
    assert claims["iss"] == "accounts"
    assert claims["aud"] == "shop"
    assert claims["sub"] == bystander.account["id"]
    assert claims["role"] == "customer"
    assert claims["exp"] - claims["iat"] == 3600


@by_id([item for item in operations() if not item.protected])
def test_public_operations_ignore_authorization(anonymous: Caller, operation: Operation) -> None:
    plain = send(anonymous, operation, b"{}", Content_Type="application/json")
    adorned = send(
        anonymous,
        operation,
        b"{}",
        Content_Type="application/json",
        Authorization="Bearer nonsense",
    )
    assert (plain.status, plain.content) == (adorned.status, adorned.content)


@by_id(STAFF)
def test_staff_operations_refuse_customers_first(bystander: Customer, operation: Operation) -> None:
    for content in (None, b"{", b"{}"):
        expect_problem(send(bystander.caller, operation, content), "forbidden")


def test_idempotency_key_comes_before_content_type(bystander: Customer) -> None:
    for content in (None, b"{"):
        answer = bystander.caller.call("POST", "/orders", content=content)
        expect_problem(answer, "idempotency-key-missing")


@by_id(WRITING)
def test_content_type_comes_before_json(
    operation: Operation, staff: Caller, bystander: Customer
) -> None:
    caller = allowed(operation, staff, bystander)
    types = ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "text/json"]
    types += ["multipart/form-data; boundary=x", "application/merge-patch+json", "*/*", "json"]
    for value in types:
        answer = send(caller, operation, b"{", Content_Type=value, Idempotency_Key="k")
        expect_problem(answer, "unsupported-media-type")
    expect_problem(send(caller, operation, b"{}", Idempotency_Key="k"), "unsupported-media-type")
    expect_problem(send(caller, operation, Idempotency_Key="k"), "unsupported-media-type")


@by_id(WRITING)
def test_malformed_json_comes_before_fields(
    operation: Operation, staff: Caller, bystander: Customer
) -> None:
    caller = allowed(operation, staff, bystander)
    bodies = [b"", b" ", b"{", b"{'a': 1}", b'{"a": 1,}', b'{"a": NaN}', b'{"a": Infinity}']
    bodies += [b'{"a": "\xff"}', b'{"a": "\\ud800"}', b"\xef\xbb\xbf{}", b'{"a": 01}', b"{} {}"]
    bodies += [b'"\x01"', b"a=1", b"\x00", b'{"a": 1} // no']
    for body in bodies:
        answer = send(caller, operation, body, Content_Type="application/json", Idempotency_Key="k")
        expect_problem(answer, "malformed-json")


@by_id(WRITING)
@pytest.mark.parametrize(
    "value",
    ["application/json; charset=utf-8", "APPLICATION/JSON", "application/json;x=y"],
)
def test_content_type_may_have_parameters(
    operation: Operation, staff: Caller, bystander: Customer, value: str
) -> None:
    caller = allowed(operation, staff, bystander)
    answer = send(caller, operation, b"[]", Content_Type=value, Idempotency_Key="k")
    expect_invalid(answer, body="must be an object")


@by_id([item for item in WRITING if "{" in item.path])
def test_fields_come_before_existence(
    operation: Operation, staff: Caller, bystander: Customer
) -> None:
    caller = allowed(operation, staff, bystander)
    for unknown in (somewhere(operation.path), operation.path.replace("{product_id}", "garbage")):
        answer = caller.call(operation.method, unknown, json={"surprise": 1})
        assert answer.status == 422, f"{answer}"


@by_id([item for item in operations() if "{" in item.path])
def test_malformed_ids_are_not_found(
    operation: Operation, staff: Caller, bystander: Customer
) -> None:
    caller = allowed(operation, staff, bystander)
    bodies = {
        "updateProduct": {"name": "x"},
        "setInventory": {"on_hand": 1},
        "setCartItem": {"quantity": 1},
    }
    ids = ["garbage", "0", "-1", "1.5", "1e3", "+1", "%20", "1%20", "%D9%A3", "%00", "null", "1;2"]
    ids += ["9" * 18 + "9", "9223372036854775808", "9" * 40, str(uuid.UUID(int=0))]
    ids += [str(uuid.uuid4()).upper(), uuid.uuid4().hex, f"%7B{uuid.uuid4()}%7D", "%F0%9F%98%80"]
    for value in ids:
        path = operation.path.replace("{product_id}", value).replace("{order_id}", value)
        body = bodies.get(operation.id, ABSENT)
        expect_problem(caller.call(operation.method, path, json=body), "not-found")


def test_repeated_names_in_a_body_last_wins(bystander: Customer) -> None:
    content = b'{"quantity": "x", "quantity": 0}'
    answer = bystander.caller.call(
        "PUT", "/cart/items/1", content=content, headers={"Content-Type": "application/json"}
    )
    expect_invalid(answer, quantity="must be at least 1")


def test_an_idempotency_key_is_at_most_200_characters(bystander: Customer) -> None:
    headers = {"Idempotency-Key": "k" * 201}
    answer = bystander.caller.post("/orders", order_body(), headers=headers)
    expect_errors(answer, [("Idempotency-Key", "must have at most 200 characters")])
    answer = bystander.caller.post("/orders", {}, headers=headers)
    expected = [("Idempotency-Key", "must have at most 200 characters")]
    expected += [("payment_token", "is required"), ("shipping_address", "is required")]
    expect_errors(answer, expected)
