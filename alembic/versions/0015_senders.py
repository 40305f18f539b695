"""Who ever wrote in a conversation, found sender by sender and not message by message."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX ix_messages_senders ON messages (conversation_id, sender_id)")


def downgrade() -> None:
    op.execute("DROP INDEX ix_messages_senders")
