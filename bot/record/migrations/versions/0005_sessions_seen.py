"""Adds the expiry of one-time passwords and details of sessions; failed sign-ins move to Redis."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("password_expires_at", sa.DateTime(timezone=True)))
    op.add_column(
        "staff_sessions", sa.Column("id", sa.UUID(), nullable=False, server_default=sa.text("gen_random_uuid()"))
    )
    op.add_column("staff_sessions", sa.Column("network", sa.Text(), nullable=False, server_default=""))
    op.add_column(
        "staff_sessions",
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    )
    op.drop_column("staff", "failed_sign_ins")
    op.drop_column("staff", "locked_until")
    op.create_unique_constraint("staff_sessions_id", "staff_sessions", ["id"])


def downgrade() -> None:
    op.drop_constraint("staff_sessions_id", "staff_sessions")
    for column in ("id", "network", "confirmed_at"):
        op.drop_column("staff_sessions", column)
    op.drop_column("staff", "password_expires_at")
    op.add_column("staff", sa.Column("failed_sign_ins", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("staff", sa.Column("locked_until", sa.DateTime(timezone=True)))
