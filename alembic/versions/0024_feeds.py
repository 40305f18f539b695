"""A secret address for each person's calendar program."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

ME = "(SELECT loom_person())"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE calendar_feeds (
            user_id bigint NOT NULL CONSTRAINT pk_calendar_feeds PRIMARY KEY
                CONSTRAINT fk_calendar_feeds_user_id REFERENCES users (id) ON DELETE CASCADE,
            secret text NOT NULL,
            made_at timestamptz NOT NULL
        )
        """
    )
    op.execute("ALTER TABLE calendar_feeds ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY calendar_feeds_own ON calendar_feeds USING (user_id = {ME})"
        f" WITH CHECK (user_id = {ME})"
    )
    op.execute(
        "CREATE POLICY calendar_feeds_serve ON calendar_feeds FOR SELECT"
        " USING ((SELECT loom_system()) = 'scheduling.feed')"
    )


def downgrade() -> None:
    op.execute("DROP TABLE calendar_feeds")
