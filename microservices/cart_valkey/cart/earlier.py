"""Where carts were before: the other implementation's tables, of which nothing is changed."""

from uuid import UUID

from kit.db import Database
from sqlalchemy import text

from cart.valkey import CartSnapshot

_CART = text("""
    SELECT carts.version, cart_lines.product_id, cart_lines.quantity
    FROM carts LEFT JOIN cart_lines USING (account_id)
    WHERE account_id = :account
    ORDER BY product_id
""")


class EarlierCarts:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def cart(self, account_id: UUID) -> CartSnapshot:
        """With its version, which goes on from there; version 0 for one that never was."""
        rows = await self._database.rows(_CART, account=account_id)
        lines = [(row.product_id, row.quantity) for row in rows if row.product_id is not None]
        return CartSnapshot(rows[0].version if rows else 0, lines)
