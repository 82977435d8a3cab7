"""Registering, signing in, and one's own account."""

import time

import pytest

from driver.cases import cases
from driver.http import Caller
from driver.problems import expect_invalid, expect_problem
from driver.shop import PASSWORD, Customer, Shop, succeeded, unique


def registration(**fields: object) -> dict[str, object]:
    email = f"{unique('ada')}@example.com"
    return {"email": email, "password": PASSWORD, "name": "Ada"} | fields


def test_registering_returns_the_account(anonymous: Caller) -> None:
    body = registration(name="Ada Lovelace")
    answer = anonymous.post("/accounts", body)
    account = succeeded(answer, 201)
    assert answer.headers["Location"] == "/api/v1/accounts/me"
    assert answer.headers["Content-Type"] == "application/json"
    assert account["email"] == body["email"]
    assert account["name"] == "Ada Lovelace"
    assert account["role"] == "customer"


def test_email_is_normalised_everywhere(anonymous: Caller, shop: Shop) -> None:
    email = f"{unique('ada')}@example.com"
    loud = f"  {email.upper()}\t"
    account = succeeded(anonymous.post("/accounts", registration(email=loud)), 201)
    assert account["email"] == email
    expect_problem(anonymous.post("/accounts", registration(email=email)), "email-taken")
    expect_problem(anonymous.post("/accounts", registration(email=loud)), "email-taken")
    assert shop.sign_in(loud).get("/accounts/me").body == account


def test_email_of_254_characters(anonymous: Caller) -> None:
    tag = unique("a")
    email = tag + "a" * (254 - len(tag) - len("@example.com")) + "@example.com"
    account = succeeded(anonymous.post("/accounts", registration(email=email)), 201)
    assert account["email"] == email


@pytest.mark.parametrize("case", cases("email")["invalid"], ids=lambda case: case["name"])
def test_bad_email_is_refused(anonymous: Caller, case: dict[str, str]) -> None:
    answer = anonymous.post("/accounts", registration(email=case["input"]))
    expect_invalid(answer, email=case["message"])


def test_validation_comes_before_email_taken(anonymous: Caller, bystander: Customer) -> None:
    answer = anonymous.post("/accounts", registration(email=bystander.email, password="short"))
    expect_invalid(answer, password="must have at least 8 characters")


def test_passwords_and_names_are_not_trimmed(anonymous: Caller) -> None:
    spaces = " " * 8
    body = registration(password=spaces, name=" Ada ")
    assert succeeded(anonymous.post("/accounts", body), 201)["name"] == " Ada "
    credentials = {"email": body["email"], "password": spaces}
    succeeded(anonymous.post("/sessions", credentials), 201)
    credentials["password"] = spaces + " "
    expect_problem(anonymous.post("/sessions", credentials), "invalid-credentials")


def test_text_of_every_script_survives(anonymous: Caller, shop: Shop) -> None:
    name = "Zoë 東京 😀 \u202e\"'\\</script>"
    body = registration(name=name, password="pässwörd 😀")
    succeeded(anonymous.post("/accounts", body), 201)
    caller = shop.sign_in(str(body["email"]), "pässwörd 😀")
    assert caller.get("/accounts/me").body["name"] == name


def test_session_gives_a_bearer_token(anonymous: Caller, bystander: Customer) -> None:
    body = {"email": bystander.email, "password": PASSWORD}
    session = succeeded(anonymous.post("/sessions", body), 201)
    assert session["token_type"] == "Bearer"
    assert session["expires_in"] == 3600
    me = succeeded(anonymous.bearing(session["access_token"]).get("/accounts/me"), 200)
    assert me == bystander.account


def test_wrong_password_and_unknown_email_look_the_same(
    anonymous: Caller, bystander: Customer
) -> None:
    wrong = {"email": bystander.email, "password": "wrong horse"}
    unknown = {"email": f"{unique('nobody')}@example.com", "password": "wrong horse"}
    malformed = {"email": "nobody at all", "password": "wrong horse"}
    for body in (wrong, unknown, malformed):
        expect_problem(anonymous.post("/sessions", body), "invalid-credentials")


def test_unknown_email_takes_as_long_as_a_wrong_password(
    anonymous: Caller, bystander: Customer
) -> None:
    def seconds(email: str) -> float:
        started = time.perf_counter()
        body = {"email": email, "password": "wrong horse"}
        expect_problem(anonymous.post("/sessions", body), "invalid-credentials")
        return time.perf_counter() - started

    pairs = [(seconds(bystander.email), seconds("nobody@example.com")) for _ in range(9)]
    # What a busy machine adds is the least in the fastest of each.
    known, unknown = (min(times) for times in zip(*pairs, strict=True))
    # Without the dummy hash an unknown email takes a tenth of the time or less.
    assert 0.4 < unknown / known < 2.5


def test_customers_are_not_staff(staff: Caller) -> None:
    assert succeeded(staff.get("/accounts/me"), 200)["role"] == "staff"
