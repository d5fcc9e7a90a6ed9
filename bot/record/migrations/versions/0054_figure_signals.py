"""Sum days before their numbers are final, keep which entry staff sent after a handoff, find drills, mail a proposal.

A day that is summed early has no time since which its sums are complete.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0054_figure_signals"
down_revision = "0053_privacy_terms"
branch_labels = None
depends_on = None

ENTRIES = ("judged_entry", "staff_entry")


def upgrade() -> None:
    op.alter_column("episode_days", "settled_at", nullable=True)
    for name in ENTRIES:
        op.add_column("episodes", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.execute("CREATE INDEX episodes_drills ON episodes (day) WHERE drill")
    op.add_column("caution_proposals", sa.Column("mailed_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE caution_proposals SET mailed_at = made_at")  # of an older one nobody is told again


def downgrade() -> None:
    op.drop_column("caution_proposals", "mailed_at")
    op.drop_index("episodes_drills", "episodes")
    for name in reversed(ENTRIES):
        op.drop_column("episodes", name)
    op.execute("DELETE FROM episode_days WHERE settled_at IS NULL")
    op.alter_column("episode_days", "settled_at", nullable=False)
