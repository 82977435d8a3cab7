"""What is checked before any operation looks at its own state, and in which order."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest
from django.conf import settings
from django.test import Client as DjangoClient

from shop.platform import tokens
from tests.client import Client

pytestmark = pytest.mark.django_db


def test_unknown_routes(anyone: Client) -> None:
    for path in ("/nothing", "/products/", "/products/1/", "/cart/items", "", "/"):
        assert anyone.get(path).problem() == (404, "not-found")


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "DELETE"])
def test_other_methods_come_before_authentication(anyone: Client, method: str) -> None:
    answer = anyone.send(method, "/notifications")
    assert answer.status == 405
    assert answer.headers["allow"] == "GET"


def test_every_method_that_there_is_is_allowed(anyone: Client) -> None:
    assert anyone.send("PUT", "/products").headers["allow"] == "GET, POST"


def test_authentication_comes_before_role_and_body(
    anyone: Client, customer: Client, staff: Client
) -> None:
    send = {"method": "POST", "path": "/products", "content": b"{", "content_type": "text/plain"}
    assert anyone.send(**send).problem() == (401, "unauthenticated")  # type: ignore[arg-type]
    assert customer.send(**send).problem() == (403, "forbidden")  # type: ignore[arg-type]
    answer = staff.send(**send)  # type: ignore[arg-type]
    assert answer.problem() == (415, "unsupported-media-type")


def test_a_challenge_comes_with_401(anyone: Client) -> None:
    assert anyone.get("/notifications").headers["www-authenticate"] == "Bearer"


def test_what_is_not_declared_as_json_is_not_read(staff: Client) -> None:
    for content, content_type in ((b"", ""), (b"", "text/plain"), (b"{}", "application/json+x")):
        answer = staff.send("POST", "/products", content=content, content_type=content_type)
        assert answer.problem() == (415, "unsupported-media-type")


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"name": NaN}', b'"\xff"', b'{"a": "\\ud800"}', b"{} {}"]
)
def test_malformed_json(staff: Client, content: bytes) -> None:
    answer = staff.send("POST", "/products", content=content)
    assert answer.problem() == (400, "malformed-json")


def test_the_media_type_may_have_parameters(staff: Client) -> None:
    answer = staff.send("POST", "/products", {}, content_type="Application/JSON; charset=utf-8")
    assert answer.errors()


def test_fields_come_before_existence(staff: Client) -> None:
    assert staff.patch("/products/nothing", {"name": 5}).errors() == {"name": "must be a string"}
    for unknown in ("nothing", "0", "-1", "1.0", "9" * 18, "9" * 30, "%00", "1%0A"):
        assert staff.patch(f"/products/{unknown}", {}).problem() == (404, "not-found")


def test_of_a_repeated_parameter_the_last_counts(anyone: Client) -> None:
    assert anyone.get("/products", limit=["x", "1"], colour="red").status == 200
    assert anyone.get("/products", limit=["1", "x"]).errors() == {"limit": "must be an integer"}


def claims(**changes: object) -> dict[str, object]:
    now = datetime.now(UTC)
    return {
        "iss": "accounts",
        "aud": "shop",
        "sub": str(uuid4()),
        "role": "customer",
        "iat": now,
        "exp": now + timedelta(minutes=1),
        **changes,
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody"},
        {"aud": "elsewhere"},
        {"sub": "nobody"},
        {"sub": None},
        {"role": "owner"},
        {"role": None},
        {"role": ["staff"]},
        {"exp": datetime.now(UTC) - timedelta(seconds=1)},
        {"exp": None},
    ],
    ids=str,
)
def test_tokens_that_say_something_else(changes: dict[str, object]) -> None:
    content = {name: value for name, value in claims(**changes).items() if value is not None}
    token = jwt.encode(content, settings.JWT_PRIVATE_KEY, "EdDSA")
    assert tokens.verify(token) is None


def test_tokens_that_are_signed_otherwise() -> None:
    assert tokens.verify(jwt.encode(claims(), "", "none")) is None
    assert tokens.verify(jwt.encode(claims(), "x" * 32, "HS256")) is None
    assert tokens.verify("") is None
    assert tokens.verify(jwt.encode(claims(), settings.JWT_PRIVATE_KEY, "EdDSA")) is not None


def test_public_operations_ignore_tokens() -> None:
    assert Client(token="rubbish").get("/categories").status == 200


def test_health(anyone: Client) -> None:
    django = DjangoClient()
    assert django.get("/healthz").json() == {"status": "ok"}
    assert django.get("/readyz").json() == {"status": "ok"}
    assert django.get("/version").json().keys() == {"component", "version", "revision"}
