"""Adds open days and parts of segments to the sums, entries compared after a handoff, drills, mailed proposals.

A day that is summed early has no time since which its sums are complete.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0054_figure_signals"
down_revision = "0053_privacy_terms"
branch_labels = None
depends_on = None

ENTRIES = ("judged_entry", "staff_entry")
# Pages read one kind of many days, so the kind comes before the day.
SUMS = {"episode_sums": "key", "episode_values": "team"}
# As on episodes: a change of a day's messages on WhatsApp ends the day's sums.
CHANGES = {"INSERT": "NEW", "UPDATE": "NEW", "DELETE": "OLD"}


def upgrade() -> None:
    op.alter_column("episode_days", "settled_at", nullable=True)
    op.add_column("episode_days", sa.Column("segments", ARRAY(sa.Text()), nullable=False, server_default="{}"))
    for table, key in SUMS.items():
        op.add_column(table, sa.Column("part", sa.Text(), nullable=False, server_default=""))
        op.drop_constraint(f"{table}_pkey", table)
        op.create_primary_key(f"{table}_pkey", table, ["part", "kind", "day", "channel", key])
    for name in ENTRIES:
        op.add_column("episodes", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for what, rows in CHANGES.items():
        op.execute(
            f"CREATE TRIGGER episode_days_on_{what.lower()} AFTER {what} ON window_days "
            f"REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION episode_days_changed()"
        )
    op.execute("CREATE INDEX episodes_drills ON episodes (day) WHERE drill")
    op.add_column("caution_proposals", sa.Column("mailed_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE caution_proposals SET mailed_at = made_at")  # so that nobody is notified again of an older one


def downgrade() -> None:
    op.drop_column("caution_proposals", "mailed_at")
    op.drop_index("episodes_drills", "episodes")
    for name in reversed(ENTRIES):
        op.drop_column("episodes", name)
    for what in CHANGES:
        op.execute(f"DROP TRIGGER episode_days_on_{what.lower()} ON window_days")
    for table, key in SUMS.items():
        op.drop_constraint(f"{table}_pkey", table)
        op.execute(f"DELETE FROM {table} WHERE part <> ''")  # noqa: S608
        op.drop_column(table, "part")
        op.create_primary_key(f"{table}_pkey", table, ["day", "channel", "kind", key])
    op.drop_column("episode_days", "segments")
    op.execute("DELETE FROM episode_days WHERE settled_at IS NULL")
    op.alter_column("episode_days", "settled_at", nullable=False)
