from typing import Any

import jwt
import pytest
from django.contrib.auth.hashers import make_password
from pytest_django import DjangoAssertNumQueries

from shop.accounts.models import Account
from shop.platform import tokens
from shop.platform.models import OutboxEvent
from tests.client import Answer, Client

pytestmark = pytest.mark.django_db

ADA = {"email": " Ada@Example.com ", "password": "correct horse", "name": "Ada"}


def registered(anyone: Client, **changes: str) -> Answer:
    answer = anyone.post("/accounts", {**ADA, **changes})
    assert answer.status == 201
    return answer


def signed_in(anyone: Client, **changes: str) -> Any:
    credentials = {"email": ADA["email"], "password": ADA["password"], **changes}
    answer = anyone.post("/sessions", credentials)
    assert answer.status == 201
    return answer.body


def test_an_account_is_created(anyone: Client) -> None:
    answer = registered(anyone)
    assert answer.headers["location"] == "/api/v1/accounts/me"
    assert answer.body == {
        "id": answer.body["id"],
        "email": "ada@example.com",
        "name": "Ada",
        "role": "customer",
        "created_at": answer.body["created_at"],
    }
    event = OutboxEvent.objects.get()
    assert (event.type, event.data) == (
        "account.created",
        {"account_id": answer.body["id"], "email": "ada@example.com", "name": "Ada"},
    )


def test_an_email_is_taken_once(anyone: Client) -> None:
    registered(anyone)
    again = anyone.post("/accounts", {**ADA, "email": "ADA@example.com"})
    assert again.problem() == (409, "email-taken")
    assert OutboxEvent.objects.count() == 1


def test_a_race_for_an_email_has_one_winner(
    anyone: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered(anyone)
    monkeypatch.setattr("shop.accounts.services.account_exists", lambda **_: False)
    assert anyone.post("/accounts", ADA).problem() == (409, "email-taken")
    assert Account.objects.count() == OutboxEvent.objects.count() == 1


def test_passwords_are_argon2id_with_the_shops_parameters(anyone: Client) -> None:
    registered(anyone)
    encoded = Account.objects.get().password
    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    salt = encoded.split("$")[4]
    # Base64 without padding: 16 bytes of salt, 32 of hash.
    assert (len(salt) * 3 // 4, len(encoded.split("$")[5]) * 3 // 4) == (16, 32)


def test_a_session_is_a_token_for_an_hour(anyone: Client) -> None:
    account_id = registered(anyone).body["id"]
    session = signed_in(anyone)
    assert (session["token_type"], session["expires_in"]) == ("Bearer", 3600)
    principal = tokens.verify(session["access_token"])
    assert principal is not None
    assert (str(principal.account_id), principal.role) == (account_id, "customer")
    header = jwt.get_unverified_header(session["access_token"])
    assert (header["alg"], len(header["kid"])) == ("EdDSA", 43)


def test_the_role_of_staff_is_in_the_token(anyone: Client) -> None:
    registered(anyone)
    Account.objects.update(role="staff")
    principal = tokens.verify(signed_in(anyone)["access_token"])
    assert principal is not None
    assert principal.is_staff


@pytest.mark.parametrize("changes", [{"email": "bob@example.com"}, {"password": "wrong horse"}])
def test_wrong_credentials(
    anyone: Client, changes: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    registered(anyone)
    hashed: list[str] = []

    def make(password: str) -> str:
        hashed.append(password)
        return make_password(password)

    monkeypatch.setattr("shop.accounts.services.make_password", make)
    answer = anyone.post("/sessions", {**ADA, **changes, "name": 1} | changes)
    assert answer.errors() == {"name": "is not allowed"}
    credentials = {"email": ADA["email"], "password": ADA["password"], **changes}
    answer = anyone.post("/sessions", credentials)
    assert answer.problem() == (401, "invalid-credentials")
    assert answer.headers["www-authenticate"] == "Bearer"
    # An unknown email costs a hash as well: nobody learns from the time which emails exist.
    assert len(hashed) == (1 if "email" in changes else 0)


def test_an_account_reads_itself(
    anyone: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    account = registered(anyone).body
    client = Client(token=signed_in(anyone)["access_token"])
    with django_assert_num_queries(1):
        answer = client.get("/accounts/me")
    assert (answer.status, answer.body) == (200, account)


def test_a_session_takes_one_query(
    anyone: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    registered(anyone)
    with django_assert_num_queries(1):
        signed_in(anyone)


def test_a_token_outlives_no_account(customer: Client) -> None:
    assert customer.get("/accounts/me").problem() == (401, "unauthenticated")
