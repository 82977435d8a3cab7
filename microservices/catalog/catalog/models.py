"""Tables of the catalog service."""

from datetime import datetime

from kit.db import new_metadata
from kit.inbox import inbox_table
from kit.outbox import outbox_table
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Text,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    metadata = new_metadata()


class Category(Base):
    __tablename__ = "categories"

    slug: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)


class Product(Base):
    """Every sort has an index of its own, alone and within a category; a descending sort reads
    it backwards. `created_at` and `sold` are settled by id, like the lists that show them."""

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint("price_amount >= 0", name="price_not_negative"),
        CheckConstraint("sold >= 0", name="sold_not_negative"),
        Index("ix_products_name", "name", "id"),
        Index("ix_products_price", "price_amount", "id"),
        Index("ix_products_newest", "created_at", "id"),
        Index("ix_products_bestselling", "sold", "id"),
        Index("ix_products_category_name", "category", "name", "id"),
        Index("ix_products_category_price", "category", "price_amount", "id"),
        Index("ix_products_category_newest", "category", "created_at", "id"),
        Index("ix_products_category_bestselling", "category", "sold", "id"),
        Index("ix_products_search", "search", postgresql_using="gin"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, server_default="")
    category: Mapped[str] = mapped_column(ForeignKey(Category.slug))
    price_amount: Mapped[int] = mapped_column(BigInteger)
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    sold: Mapped[int] = mapped_column(BigInteger, server_default="0")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    search: Mapped[str] = mapped_column(
        TSVECTOR,
        Computed(
            "setweight(to_tsvector('english', name), 'A')"
            " || setweight(to_tsvector('english', description), 'B')",
            persisted=True,
        ),
    )


outbox = outbox_table(Base.metadata)
inbox = inbox_table(Base.metadata)
