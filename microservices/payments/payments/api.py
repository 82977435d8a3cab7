"""Public operations: parse, call, answer."""

from fastapi import Response
from kit.auth import Customer
from kit.db import DatabaseDep
from kit.errors import NotFound
from kit.json import json_response
from kit.routing import api_router
from kit.schemas import PathUuid

from payments import selectors
from payments.schemas import PaymentOut, payment_output

router = api_router("payments")


@router.get("/payments/{order_id}", operation_id="getPayment", response_model=PaymentOut)
async def get_payment(customer: Customer, database: DatabaseDep, order_id: PathUuid) -> Response:
    """The payment of one of your orders."""
    payment = await selectors.payment_of_account(
        database, order_id=order_id, account_id=customer.account_id
    )
    if payment is None:
        raise NotFound
    return json_response(payment_output(payment))
