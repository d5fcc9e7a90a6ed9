"""Adds signatures of the audit log, the list of erased conversations, and the conversation of each missing question.

Older missing questions get their conversation from the row of ``closings`` with the same agent and time. The functions
that seal and shorten the audit log now run with their owner's rights, so that the bot's role need neither write
``audit_seals`` nor delete from ``audit``.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

KEPT = (
    "CREATE TRIGGER audit_signatures_kept BEFORE UPDATE OR DELETE ON audit_signatures "
    "FOR EACH ROW EXECUTE FUNCTION audit_keep()",
    "CREATE TRIGGER audit_signatures_not_emptied BEFORE TRUNCATE ON audit_signatures "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_keep()",
)
AUDITING = ("audit_seal()", "audit_forget(integer)")
OLDER = """
UPDATE missing_entries SET conversation_id = tickets.conversation_id
FROM closings JOIN tickets ON tickets.id = closings.ticket_id
WHERE closings.at = missing_entries.at AND closings.staff_id = missing_entries.staff_id
"""


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("receipt", sa.Text(), primary_key=True),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
    )
    op.create_table(
        "audit_signatures",
        sa.Column("seq", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    )
    for statement in KEPT:
        op.execute(statement)
    op.create_index("ix_erasures_at", "erasures", ["at"])
    op.add_column("missing_entries", sa.Column("conversation_id", sa.Text()))
    op.create_index("ix_missing_entries_conversation_id", "missing_entries", ["conversation_id"])
    op.execute(OLDER)
    for function in AUDITING:
        op.execute(f"ALTER FUNCTION {function} SECURITY DEFINER SET search_path = pg_catalog, public")


def downgrade() -> None:
    for function in AUDITING:
        op.execute(f"ALTER FUNCTION {function} SECURITY INVOKER RESET search_path")
    op.drop_column("missing_entries", "conversation_id")
    op.drop_table("erasures")
    op.drop_table("audit_signatures")
