"""Public operations: parse, call, answer."""

from typing import Annotated

from fastapi import Depends
from kit.auth import Customer
from kit.db import DatabaseDep
from kit.errors import NotFound
from kit.json import json_response
from kit.openapi import problems
from kit.routing import api_router
from starlette.requests import Request
from starlette.responses import Response

from accounts import schemas, selectors, services
from accounts.errors import EmailTaken, InvalidCredentials
from accounts.passwords import Passwords
from accounts.tokens import TokenIssuer

router = api_router("accounts")


async def _passwords(request: Request) -> Passwords:
    passwords: Passwords = request.app.state.passwords
    return passwords


async def _issuer(request: Request) -> TokenIssuer:
    issuer: TokenIssuer = request.app.state.issuer
    return issuer


PasswordsDep = Annotated[Passwords, Depends(_passwords)]
IssuerDep = Annotated[TokenIssuer, Depends(_issuer)]


@router.post(
    "/accounts",
    operation_id="createAccount",
    status_code=201,
    response_model=schemas.Account,
    responses=problems(EmailTaken),
)
async def create_account(
    body: schemas.AccountIn, database: DatabaseDep, passwords: PasswordsDep
) -> Response:
    account = await services.account_create(
        database=database,
        passwords=passwords,
        email=body.email,
        password=body.password,
        name=body.name,
    )
    location = {"Location": "/api/v1/accounts/me"}
    return json_response(schemas.account_out(account), 201, location)


@router.post(
    "/sessions",
    operation_id="createSession",
    status_code=201,
    response_model=schemas.Session,
    responses=problems(InvalidCredentials),
)
async def create_session(
    body: schemas.SessionIn, database: DatabaseDep, passwords: PasswordsDep, issuer: IssuerDep
) -> Response:
    token = await services.session_create(
        database=database,
        passwords=passwords,
        issuer=issuer,
        email=body.email,
        password=body.password,
    )
    return json_response(schemas.session_out(token), 201)


@router.get(
    "/accounts/me",
    operation_id="getMyAccount",
    response_model=schemas.Account,
    responses=problems(NotFound),
)
async def get_my_account(customer: Customer, database: DatabaseDep) -> Response:
    account = await selectors.account_get(database, customer.account_id)
    if account is None:
        raise NotFound
    return json_response(schemas.account_out(account))
