"""Let days be summed before their numbers are final: such a day has no time since which its sums are complete."""

from __future__ import annotations

from alembic import op

revision = "0054_open_days"
down_revision = "0053_privacy_terms"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("episode_days", "settled_at", nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM episode_days WHERE settled_at IS NULL")
    op.alter_column("episode_days", "settled_at", nullable=False)
