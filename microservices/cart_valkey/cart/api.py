"""Public operations: parse, call, answer."""

from typing import Annotated

from fastapi import Depends, Request, Response, status
from kit.auth import Customer
from kit.errors import DependencyUnavailable
from kit.json import json_response
from kit.openapi import problems
from kit.routing import api_router
from kit.schemas import PathInt

from cart import selectors, services
from cart.clients import Catalog
from cart.errors import CartFull
from cart.schemas import CartItemIn, CartOut, cart_output
from cart.valkey import CartsDep

router = api_router("cart")


async def catalog_of(request: Request) -> Catalog:
    catalog: Catalog = request.app.state.catalog
    return catalog


CatalogDep = Annotated[Catalog, Depends(catalog_of)]


@router.get(
    "/cart",
    operation_id="getCart",
    response_model=CartOut,
    responses=problems(DependencyUnavailable),
)
async def get_cart(customer: Customer, carts: CartsDep, catalog: CatalogDep) -> Response:
    """Your cart at today's prices."""
    lines = await selectors.cart_priced(carts, catalog, account_id=customer.account_id)
    return json_response(cart_output(lines))


@router.delete("/cart", operation_id="clearCart", status_code=status.HTTP_204_NO_CONTENT)
async def clear_cart(customer: Customer, carts: CartsDep) -> Response:
    """Empty your cart."""
    await services.cart_empty(carts, account_id=customer.account_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.put(
    "/cart/items/{product_id}",
    operation_id="setCartItem",
    response_model=CartOut,
    responses=problems(CartFull, DependencyUnavailable),
)
async def set_cart_item(
    customer: Customer,
    product_id: PathInt,
    body: CartItemIn,
    carts: CartsDep,
    catalog: CatalogDep,
) -> Response:
    """Put a product into your cart, or change how many of it."""
    lines = await services.cart_line_set(
        carts,
        catalog,
        account_id=customer.account_id,
        product_id=product_id,
        quantity=body.quantity,
    )
    return json_response(cart_output(lines))


@router.delete(
    "/cart/items/{product_id}",
    operation_id="removeCartItem",
    status_code=status.HTTP_204_NO_CONTENT,
)
async def remove_cart_item(customer: Customer, product_id: PathInt, carts: CartsDep) -> Response:
    """Take a product out of your cart; nothing happens when it is not in there."""
    await services.cart_line_remove(carts, account_id=customer.account_id, product_id=product_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
