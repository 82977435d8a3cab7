"""What customers, and the orders service, do with carts."""

from uuid import UUID

from kit.db import Database, Transaction
from kit.errors import NotFound
from sqlalchemy import bindparam, delete, update
from sqlalchemy.dialects.postgresql import insert

from cart import selectors
from cart.clients import Catalog
from cart.domain import MAX_LINES, PricedLine
from cart.errors import CartFull
from cart.models import Cart, CartLine

_CART = Cart.account_id == bindparam("account")
_LINES = CartLine.account_id == bindparam("account")

# Built once: building a statement costs more than running it. A touch takes the cart's lock and a
# new version; it finds nothing when there is no cart (of that version).
_TOUCH_OR_CREATE = (
    insert(Cart)
    .values(version=1)
    .on_conflict_do_update(index_elements=[Cart.account_id], set_={"version": Cart.version + 1})
)
_TOUCH = update(Cart).where(_CART).values(version=Cart.version + 1).returning(Cart.account_id)
_TOUCH_VERSION = _TOUCH.where(Cart.version == bindparam("seen_version"))
_NEW_LINE = insert(CartLine)
_SET_LINE = _NEW_LINE.on_conflict_do_update(
    index_elements=[CartLine.account_id, CartLine.product_id],
    set_={"quantity": _NEW_LINE.excluded.quantity},
)
_EMPTY = delete(CartLine).where(_LINES)
_REMOVE_LINE = _EMPTY.where(CartLine.product_id == bindparam("product"))


async def cart_line_set(
    database: Database, catalog: Catalog, *, account_id: UUID, product_id: int, quantity: int
) -> list[PricedLine]:
    """The cart afterwards. One call to the catalog checks the product and prices the cart; a
    second is made only when another request has changed the cart meanwhile."""
    before = await selectors.cart_snapshot(database, account_id=account_id)
    wanted = {product_id, *(line_id for line_id, _ in before.lines)}
    products = await catalog.products(sorted(wanted))
    if product_id not in products:
        raise NotFound
    line = {"account_id": account_id, "product_id": product_id, "quantity": quantity}
    async with database.transaction() as session:
        await session.execute(_TOUCH_OR_CREATE, {"account_id": account_id})
        await session.execute(_SET_LINE, line)
        after = await selectors.cart_snapshot_within(session, account_id=account_id)
        if len(after.lines) > MAX_LINES:
            raise CartFull
    return await selectors.lines_priced(catalog, after.lines, known=products)


async def cart_line_remove(database: Database, *, account_id: UUID, product_id: int) -> None:
    async with database.transaction() as session:
        if await _touched(session, account_id):
            await session.execute(_REMOVE_LINE, {"account": account_id, "product": product_id})


async def cart_empty(database: Database, *, account_id: UUID) -> None:
    async with database.transaction() as session:
        if await _touched(session, account_id):
            await session.execute(_EMPTY, {"account": account_id})


async def cart_clear(database: Database, *, account_id: UUID, version: int) -> None:
    """Empties the cart, unless it has changed since that version."""
    async with database.transaction() as session:
        this = {"account": account_id, "seen_version": version}
        if (await session.execute(_TOUCH_VERSION, this)).first() is not None:
            await session.execute(_EMPTY, {"account": account_id})


async def _touched(session: Transaction, account_id: UUID) -> bool:
    return (await session.execute(_TOUCH, {"account": account_id})).first() is not None
