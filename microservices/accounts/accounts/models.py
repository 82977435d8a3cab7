"""Tables of the accounts service."""

from datetime import datetime
from uuid import UUID, uuid4

from kit.db import new_metadata
from kit.outbox import outbox_table
from sqlalchemy import CheckConstraint, DateTime, Text, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from accounts.domain import CUSTOMER


class Base(DeclarativeBase):
    metadata = new_metadata()


class Account(Base):
    __tablename__ = "accounts"
    __table_args__ = (CheckConstraint("role IN ('customer', 'staff')", name="role"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text, default=CUSTOMER)
    password_hash: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


outbox = outbox_table(Base.metadata)
