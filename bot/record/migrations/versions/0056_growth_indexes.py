"""Adds indexes of blocked conversations, of closed tickets by time, and of tickets by agent.

Without them, ratings and missing entries read all conversations, and the list of closed tickets and the day's figures
all tickets.
"""

import sqlalchemy as sa
from alembic import op

revision = "0056_growth_indexes"
down_revision = "0055_entry_disk"
branch_labels = None
depends_on = None

BLOCKED, CLOSED, CLAIMED = "conversations_blocked", "tickets_closed", "tickets_claimed"


def upgrade() -> None:
    op.create_index(BLOCKED, "conversations", ["id"], postgresql_where=sa.text("blocked_at IS NOT NULL"))
    op.create_index(CLOSED, "tickets", ["closed_at"], postgresql_where=sa.text("state = 'closed'"))
    op.create_index(CLAIMED, "tickets", ["claimed_by", "claimed_at"])


def downgrade() -> None:
    op.drop_index(CLAIMED, "tickets")
    op.drop_index(CLOSED, "tickets")
    op.drop_index(BLOCKED, "conversations")
