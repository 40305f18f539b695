"""A coach's own video room."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

ME = "(SELECT loom_person())"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE meeting_links (
            coach_id bigint NOT NULL CONSTRAINT pk_meeting_links PRIMARY KEY
                CONSTRAINT fk_meeting_links_coach_id REFERENCES users (id) ON DELETE CASCADE,
            url text NOT NULL
        )
        """
    )
    op.execute("ALTER TABLE meeting_links ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY meeting_links_own ON meeting_links USING (coach_id = {ME})"
        f" WITH CHECK (coach_id = {ME})"
    )
    op.execute(
        "CREATE POLICY meeting_links_enter ON meeting_links FOR SELECT"
        " USING ((SELECT loom_system()) = 'scheduling.room')"
    )
    # never written: where a session takes place follows from its coach and its number
    op.execute("ALTER TABLE coaching_sessions DROP COLUMN join_url")


def downgrade() -> None:
    op.execute("ALTER TABLE coaching_sessions ADD COLUMN join_url text NOT NULL DEFAULT ''")
    op.execute("DROP TABLE meeting_links")
