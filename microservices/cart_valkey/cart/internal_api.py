"""What the orders service asks for."""

from fastapi import Response, status
from kit.json import json_response
from kit.routing import internal_router
from kit.schemas import PathUuid

from cart import selectors, services
from cart.schemas import SnapshotOut, VersionIn, snapshot_output
from cart.valkey import CartsDep

router = internal_router("orders")


@router.get("/carts/{account_id}", operation_id="getCartSnapshot", response_model=SnapshotOut)
async def get_snapshot(account_id: PathUuid, carts: CartsDep) -> Response:
    """What is in the cart, and the version that it has with just this content."""
    cart = await selectors.cart_snapshot(carts, account_id=account_id)
    return json_response(snapshot_output(cart))


@router.post(
    "/carts/{account_id}/clear",
    operation_id="clearCartVersion",
    status_code=status.HTTP_204_NO_CONTENT,
)
async def clear(account_id: PathUuid, body: VersionIn, carts: CartsDep) -> Response:
    """Empty the cart, unless it has changed since that version."""
    await services.cart_clear(carts, account_id=account_id, version=body.version)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
