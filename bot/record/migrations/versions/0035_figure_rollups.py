"""Adds daily sums of episodes, which a trigger makes invalid if an episode changes, and indexes for other figures."""

import sqlalchemy as sa
from alembic import op

revision = "0035_figure_rollups"
down_revision = "0034_report_mailed"
branch_labels = None
depends_on = None

CHANGED = """
CREATE FUNCTION episode_days_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM episode_days WHERE day IN (SELECT day FROM changed);
    RETURN NULL;
END $$
"""
TRIGGERS = {"INSERT": "NEW", "DELETE": "OLD"}
# An update has old and new rows. No update moves an episode to another day, so the new rows suffice.
TRIGGER = """
CREATE TRIGGER episode_days_on_{name} AFTER {what} ON episodes
REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION episode_days_changed()
"""


def upgrade() -> None:
    op.create_table(
        "episode_days",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "episode_sums",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("channel", sa.Text(), primary_key=True),
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("key", sa.Text(), primary_key=True),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("first", "second", "third")),
    )
    op.execute(CHANGED)
    for what, rows in (*TRIGGERS.items(), ("UPDATE", "NEW")):
        op.execute(TRIGGER.format(name=what.lower(), what=what, rows=rows))
    op.execute(
        "CREATE INDEX episodes_people ON episodes (day) INCLUDE (channel, conversation_id, first_of_month) "
        "WHERE NOT drill"
    )
    op.execute(
        "CREATE INDEX episodes_waits ON episodes (day) INCLUDE (channel, team, handed_at, claimed_at, replied_at, "
        "stars) WHERE NOT drill AND handed_at IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_index("episodes_waits", "episodes")
    op.drop_index("episodes_people", "episodes")
    for what in ("insert", "update", "delete"):
        op.execute(f"DROP TRIGGER episode_days_on_{what} ON episodes")
    op.execute("DROP FUNCTION episode_days_changed()")
    op.drop_table("episode_sums")
    op.drop_table("episode_days")
