"""Carts and their lines."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "carts",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_carts")),
    )
    op.create_table(
        "cart_lines",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint(
            "quantity BETWEEN 1 AND 99", name=op.f("ck_cart_lines_quantity_in_range")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["carts.account_id"], name=op.f("fk_cart_lines_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "product_id", name=op.f("pk_cart_lines")),
    )


def downgrade() -> None:
    op.drop_table("cart_lines")
    op.drop_table("carts")
