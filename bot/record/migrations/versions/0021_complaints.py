"""Adds complaints, their photos and their states."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

NOW = sa.func.now()


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "complaints",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text()),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Double()),
        sa.Column("longitude", sa.Double()),
        sa.Column("at", moment, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False, server_default=""),
        sa.Column("changed_at", moment, nullable=False),
        sa.UniqueConstraint("conversation_id", "event_id"),
    )
    _index("complaints", "number", "at", "changed_at")
    complaint = sa.ForeignKey("complaints.id", ondelete="CASCADE")
    op.create_table(
        "complaint_photos",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("complaint_id", sa.BigInteger(), complaint, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Text()),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", moment, server_default=NOW),
    )
    _index("complaint_photos", "complaint_id", "next_at")
    op.create_table(
        "complaint_changes",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("complaint_id", sa.BigInteger(), sa.ForeignKey("complaints.id", ondelete="CASCADE"), nullable=False),
        sa.Column("at", moment, nullable=False, server_default=NOW),
        sa.Column("staff_id", sa.Uuid(), sa.ForeignKey("staff.id", ondelete="SET NULL")),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False, server_default=""),
        sa.Column("reply", sa.Text(), nullable=False, server_default=""),
        sa.Column("told", sa.Text(), nullable=False, server_default=""),
        sa.Column("export_tries", sa.Integer(), nullable=False),
        sa.Column("export_at", moment, server_default=NOW),
    )
    _index("complaint_changes", "complaint_id", "told", "export_at")


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    for table in ("complaint_changes", "complaint_photos", "complaints"):
        op.drop_table(table)
