"""The service's own table."""

from datetime import datetime
from uuid import UUID

from kit.db import new_metadata
from sqlalchemy import BigInteger, CheckConstraint, DateTime, Text, Uuid, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from payments.domain import PaymentStatus

_STATUSES = ", ".join(f"'{status}'" for status in PaymentStatus)


class Base(DeclarativeBase):
    metadata = new_metadata()


class Payment(Base):
    """One per order. Account and amount are unknown only where a payment was withdrawn before it
    was ever asked for: the row then is there to refuse it."""

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint(f"status IN ({_STATUSES})", name="status"),
        CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint(
            "status = 'void' OR (account_id IS NOT NULL AND amount IS NOT NULL)", name="known"
        ),
    )

    order_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    account_id: Mapped[UUID | None] = mapped_column(Uuid)
    amount: Mapped[int | None] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
