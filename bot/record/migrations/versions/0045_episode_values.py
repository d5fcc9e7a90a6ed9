"""Adds the daily values that cannot be added up, such as who wrote, and a number for each conversation."""

import sqlalchemy as sa
from alembic import op

revision = "0045_episode_values"
down_revision = "0044_spike_groups"
branch_labels = None
depends_on = None

CHANGED = """
CREATE OR REPLACE FUNCTION episode_days_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM episode_days WHERE day IN (SELECT day FROM changed);{values}
    RETURN NULL;
END $$
"""
VALUES = "\n    DELETE FROM episode_values WHERE day IN (SELECT day FROM changed);"


def upgrade() -> None:
    op.add_column("episode_marks", sa.Column("number", sa.Integer(), sa.Identity(), nullable=False, unique=True))
    op.create_table(
        "episode_values",
        sa.Column("day", sa.Date(), primary_key=True),
        *(sa.Column(name, sa.Text(), primary_key=True) for name in ("channel", "kind", "team")),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("numbers", sa.LargeBinary(), nullable=False),
    )
    op.execute(CHANGED.format(values=VALUES))
    op.execute("DELETE FROM episode_days")  # so that all days are summed again, now with their values


def downgrade() -> None:
    op.execute(CHANGED.format(values=""))
    op.drop_table("episode_values")
    op.drop_column("episode_marks", "number")
