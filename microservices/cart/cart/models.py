"""The service's own tables."""

from uuid import UUID

from kit.db import new_metadata
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, SmallInteger, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from cart.domain import MAX_QUANTITY


class Base(DeclarativeBase):
    metadata = new_metadata()


class Cart(Base):
    """Every change of the lines takes the row's lock and a new version; the row is never deleted,
    so that a version never comes twice."""

    __tablename__ = "carts"

    account_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)


class CartLine(Base):
    __tablename__ = "cart_lines"
    __table_args__ = (
        CheckConstraint(f"quantity BETWEEN 1 AND {MAX_QUANTITY}", name="quantity_in_range"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("carts.account_id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    quantity: Mapped[int] = mapped_column(SmallInteger)
