"""Tables of the notifications service."""

from datetime import datetime
from uuid import UUID, uuid4

from kit.db import new_metadata
from kit.inbox import inbox_table
from sqlalchemy import DateTime, Index, Text, UniqueConstraint, func, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    metadata = new_metadata()


class Notification(Base):
    __tablename__ = "notifications"
    __table_args__ = (
        # One of each kind per order, and one welcome per account, whatever is delivered twice.
        UniqueConstraint("account_id", "kind", "order_id", postgresql_nulls_not_distinct=True),
        Index("ix_notifications_newest", "account_id", text("created_at DESC"), text("id DESC")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    order_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


inbox = inbox_table(Base.metadata)
