"""What the orders service asks for. Everything here may be asked again."""

from typing import Annotated

from fastapi import Depends, Request, Response
from kit.db import DatabaseDep
from kit.errors import NotFound
from kit.json import json_response
from kit.openapi import problems
from kit.routing import internal_router
from kit.schemas import PathUuid

from payments import selectors, services
from payments.clients import Acquirer, AcquirerUnavailable
from payments.domain import PAYABLE, PaymentStatus
from payments.errors import PaymentUnavailable, PaymentWithdrawn
from payments.schemas import AuthorizeIn, StatusOut

router = internal_router("orders")

_PATH = "/payments/{order_id}"


async def acquirer_of(request: Request) -> Acquirer:
    acquirer: Acquirer = request.app.state.acquirer
    return acquirer


AcquirerDep = Annotated[Acquirer, Depends(acquirer_of)]


@router.post(
    f"{_PATH}/authorize",
    operation_id="authorizePayment",
    response_model=StatusOut,
    responses=problems(PaymentWithdrawn, PaymentUnavailable),
)
async def authorize(
    order_id: PathUuid, body: AuthorizeIn, database: DatabaseDep, acquirer: AcquirerDep
) -> Response:
    """Set the money aside; `authorized` or `declined`."""
    try:
        status = await services.payment_authorize(
            database,
            acquirer,
            order_id=order_id,
            account_id=body.account_id,
            amount=body.amount.amount,
            token=body.token,
        )
    except AcquirerUnavailable as error:
        raise PaymentUnavailable from error
    if status in PAYABLE:
        return _answer(PaymentStatus.AUTHORIZED)
    if status is not PaymentStatus.DECLINED:
        raise PaymentWithdrawn
    return _answer(status)


@router.post(
    f"{_PATH}/capture",
    operation_id="capturePayment",
    response_model=StatusOut,
    responses=problems(PaymentWithdrawn, PaymentUnavailable),
)
async def capture(order_id: PathUuid, database: DatabaseDep, acquirer: AcquirerDep) -> Response:
    """Take the money that was set aside."""
    try:
        status = await services.payment_capture(database, acquirer, order_id=order_id)
    except AcquirerUnavailable as error:
        raise PaymentUnavailable from error
    if status is not PaymentStatus.CAPTURED:
        raise PaymentWithdrawn
    return _answer(status)


@router.post(
    f"{_PATH}/refund",
    operation_id="refundPayment",
    response_model=StatusOut,
    responses=problems(PaymentUnavailable),
)
async def refund(order_id: PathUuid, database: DatabaseDep, acquirer: AcquirerDep) -> Response:
    """Give the money back, whatever was taken, and take none from now on."""
    try:
        status = await services.payment_refund(database, acquirer, order_id=order_id)
    except AcquirerUnavailable as error:
        raise PaymentUnavailable from error
    return _answer(status)


@router.get(_PATH, operation_id="getPaymentStatus", response_model=StatusOut)
async def payment_status(order_id: PathUuid, database: DatabaseDep) -> Response:
    """The state as it is kept, internal ones included."""
    status = await selectors.payment_status(database, order_id=order_id)
    if status is None:
        raise NotFound
    return _answer(status)


def _answer(status: PaymentStatus) -> Response:
    return json_response({"status": status})
