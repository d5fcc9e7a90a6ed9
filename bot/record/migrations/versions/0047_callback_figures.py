"""Adds the call-back of an episode, and the first promised time of a request, which later attempts do not change."""

import sqlalchemy as sa
from alembic import op

revision = "0047_callback_figures"
down_revision = "0046_backlog_denied"
branch_labels = None
depends_on = None

TIMES = ("call_asked_at", "call_promised_at", "called_at")
# A request that was tried in vain has another due time by now, so the time promised first is not known.
PROMISED = """
UPDATE callbacks SET promised_at = due_at WHERE NOT EXISTS (
    SELECT FROM callback_attempts WHERE callback_id = callbacks.id AND result = 'not_reached')
"""
READ_AGAIN = """
UPDATE episode_marks SET read_up_to = '1970-01-01 00:00:00+00'
WHERE conversation_id IN (SELECT conversation_id FROM callbacks)
"""


def upgrade() -> None:
    op.add_column("callbacks", sa.Column("promised_at", sa.DateTime(timezone=True)))
    op.execute(PROMISED)
    for name in TIMES:
        op.add_column("episodes", sa.Column(name, sa.DateTime(timezone=True)))
    op.add_column("episodes", sa.Column("call_outcome", sa.Text(), nullable=False, server_default=""))
    op.execute(
        "CREATE INDEX episodes_calls ON episodes (day) INCLUDE (channel, team, call_asked_at, call_promised_at, "
        "called_at, call_outcome) WHERE NOT drill AND call_asked_at IS NOT NULL"
    )
    op.execute(READ_AGAIN)


def downgrade() -> None:
    op.drop_index("episodes_calls", "episodes")
    for name in (*TIMES, "call_outcome"):
        op.drop_column("episodes", name)
    op.drop_column("callbacks", "promised_at")
