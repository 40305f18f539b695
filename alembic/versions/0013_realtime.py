"""Presence and live processes."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ME = "(SELECT loom_person())"
REALTIME = "(SELECT loom_system()) = 'realtime.processes'"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE processes (
            id text NOT NULL CONSTRAINT pk_processes PRIMARY KEY,
            beat_at timestamptz NOT NULL,
            people bigint[] NOT NULL DEFAULT '{}'
        )
        """
    )
    op.execute("ALTER TABLE processes ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY processes_realtime ON processes USING ({REALTIME}) WITH CHECK ({REALTIME})"
    )
    op.execute(
        "CREATE INDEX ix_messages_proposals ON messages (conversation_id) WHERE kind = 'proposal'"
    )
    op.execute(
        "ALTER TABLE presences ADD COLUMN hidden boolean NOT NULL DEFAULT false,"
        " ALTER COLUMN seen_at DROP NOT NULL"
    )
    # who hides neither is seen nor sees; a block hides both from each other; strangers see nothing
    op.execute(
        """
        CREATE FUNCTION loom_sees_presence(viewer bigint, person bigint) RETURNS boolean
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
        AS $$ SELECT NOT EXISTS (SELECT 1 FROM presences p
                WHERE p.user_id IN (viewer, person) AND p.hidden)
              AND NOT EXISTS (SELECT 1 FROM blocks b
                WHERE (b.blocker_id, b.blocked_id) IN ((viewer, person), (person, viewer)))
              AND (EXISTS (SELECT 1 FROM engagements e
                WHERE (e.coach_id, e.client_id) IN ((viewer, person), (person, viewer)))
              OR EXISTS (SELECT 1 FROM conversation_members a JOIN conversation_members c
                ON c.conversation_id = a.conversation_id
                WHERE a.user_id = viewer AND c.user_id = person)) $$
        """
    )
    op.execute("DROP POLICY presences_read ON presences")
    op.execute(
        f"CREATE POLICY presences_read ON presences FOR SELECT USING (user_id = {ME}"
        " OR (EXISTS (SELECT 1 FROM engagements e WHERE presences.user_id IN"
        f" (e.coach_id, e.client_id) AND {ME} IN (e.coach_id, e.client_id))"
        f" AND loom_sees_presence({ME}, user_id)))"
    )


def downgrade() -> None:
    op.execute("DROP INDEX ix_messages_proposals")
    op.execute("DROP POLICY presences_read ON presences")
    op.execute(
        "CREATE POLICY presences_read ON presences FOR SELECT USING (EXISTS (SELECT 1 FROM"
        " engagements e WHERE presences.user_id IN (e.coach_id, e.client_id)"
        f" AND {ME} IN (e.coach_id, e.client_id)))"
    )
    op.execute("DROP FUNCTION loom_sees_presence(bigint, bigint)")
    op.execute("DELETE FROM presences WHERE seen_at IS NULL")
    op.execute("ALTER TABLE presences DROP COLUMN hidden, ALTER COLUMN seen_at SET NOT NULL")
    op.execute("DROP TABLE processes")
