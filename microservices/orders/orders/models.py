from datetime import datetime
from uuid import UUID

from kit.db import new_metadata
from kit.outbox import outbox_table
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    metadata = new_metadata()


outbox = outbox_table(Base.metadata)


class Order(Base):
    """`unsettled` while anything is still owed to a collaborator: the saga of a pending order, the
    refund and restock of a cancelled or rejected one, the clearing of a confirmed one's cart.
    Whoever holds the lease works on it; when that has run out, recovery takes it over."""

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("account_id", "idempotency_key"),
        CheckConstraint(
            "status IN ('pending', 'confirmed', 'shipped', 'cancelled', 'rejected')", name="status"
        ),
        CheckConstraint("step IN ('created', 'reserved', 'authorized', 'committed')", name="step"),
        CheckConstraint("(status = 'rejected') = (rejection IS NOT NULL)", name="rejection"),
        CheckConstraint("status <> 'pending' OR unsettled", name="pending_is_unsettled"),
        Index("ix_orders_account_newest", "account_id", text("created_at DESC"), text("id DESC")),
        Index("ix_orders_unsettled_lease", "lease_expires_at", postgresql_where=text("unsettled")),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(Uuid)
    idempotency_key: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    rejection: Mapped[str | None] = mapped_column(Text)
    step: Mapped[str] = mapped_column(Text)
    total: Mapped[int] = mapped_column(BigInteger)
    cart_version: Mapped[int] = mapped_column(BigInteger)
    shipping_address: Mapped[dict[str, str]] = mapped_column(JSONB)
    unsettled: Mapped[bool] = mapped_column()
    lease_expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class OrderLine(Base):
    """Name and price as they were when the order was placed."""

    __tablename__ = "order_lines"

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    unit_price: Mapped[int] = mapped_column(BigInteger)
    quantity: Mapped[int] = mapped_column(SmallInteger)


class IdempotencyKey(Base):
    """One row per (account, key). While it has neither order nor answer, its claim can be taken
    over once it has expired; with an order, only the order's outcome ends it."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        CheckConstraint(
            "(response_status IS NULL) = (response_body IS NULL)", name="response_is_whole"
        ),
    )

    account_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Text)
    claim_id: Mapped[UUID] = mapped_column(Uuid)
    claim_expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    order_id: Mapped[UUID | None] = mapped_column(Uuid)
    response_status: Mapped[int | None] = mapped_column(SmallInteger)
    response_body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
