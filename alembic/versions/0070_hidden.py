"""What moderators hide is kept while somebody may appeal, and comes back where they erred."""

from alembic import op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None

MESSAGING = "(SELECT loom_system()) LIKE 'messaging.%'"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE hidden_messages (
            message_id bigint NOT NULL CONSTRAINT pk_hidden_messages PRIMARY KEY
                CONSTRAINT fk_hidden_messages_message_id
                REFERENCES messages (id) ON DELETE CASCADE,
            decisions bigint[] NOT NULL,
            body text NOT NULL,
            facts jsonb,
            files jsonb NOT NULL,
            reactions jsonb NOT NULL,
            hidden_at timestamptz NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX ix_hidden_messages_hidden_at ON hidden_messages (hidden_at)")
    op.execute("ALTER TABLE hidden_messages ENABLE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY hidden_messages_system ON hidden_messages"
        f" USING ({MESSAGING}) WITH CHECK ({MESSAGING})"
    )
    op.execute(
        "INSERT INTO privacy.catalogue (name, step, mine, fate, blank, exported, hidden) VALUES"
        " ('hidden_messages', 1, 'message_id IN (SELECT id FROM messages WHERE sender_id = $1)',"
        " 'delete', '{}', '{message_id,body,hidden_at}', '{decisions,facts,files,reactions}')"
    )


def downgrade() -> None:
    op.execute("DELETE FROM privacy.catalogue WHERE name = 'hidden_messages'")
    op.execute("DROP TABLE hidden_messages")
