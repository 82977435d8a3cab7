"""Tables of the recommendations service."""

from datetime import datetime

from kit.db import new_metadata
from kit.inbox import inbox_table
from sqlalchemy import BigInteger, CheckConstraint, DateTime, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    metadata = new_metadata()


class Product(Base):
    """A copy of the catalog's attributes, kept up by its events.

    `changed_at` is the moment the newest event seen tells of; a row that no event has told of
    is older than any.
    """

    __tablename__ = "products"
    __table_args__ = (Index("ix_products_category", "category", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(Text)
    price_amount: Mapped[int] = mapped_column(BigInteger)
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    changed_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=text("'-infinity'")
    )


class CoPurchase(Base):
    """In how many orders two products were together; each pair is kept both ways round."""

    __tablename__ = "co_purchases"
    __table_args__ = (CheckConstraint("count > 0", name="count_positive"),)

    product_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    other_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(BigInteger)


inbox = inbox_table(Base.metadata)
