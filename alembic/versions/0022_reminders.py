"""When people want to be reminded; deliveries whose reason is gone are dropped, not failed."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

ME = "(SELECT loom_person())"
SENDER = "(SELECT loom_system()) LIKE 'notifications.%'"
STATUS = "ALTER TABLE deliveries DROP CONSTRAINT ck_deliveries_status, ADD CONSTRAINT"


def upgrade() -> None:
    op.execute(
        f"{STATUS} ck_deliveries_status CHECK (status IN ('queued', 'sent', 'failed', 'dropped'))"
    )
    op.execute(
        """
        CREATE TABLE reminder_times (
            user_id bigint NOT NULL CONSTRAINT pk_reminder_times PRIMARY KEY
                CONSTRAINT fk_reminder_times_user_id REFERENCES users (id) ON DELETE CASCADE,
            minutes integer[] NOT NULL
        )
        """
    )
    op.execute("ALTER TABLE reminder_times ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY reminder_times_own ON reminder_times USING (user_id = {ME})"
        f" WITH CHECK (user_id = {ME})"
    )
    op.execute(f"CREATE POLICY reminder_times_send ON reminder_times FOR SELECT USING ({SENDER})")


def downgrade() -> None:
    op.execute("DROP TABLE reminder_times")
    op.execute("UPDATE deliveries SET status = 'failed' WHERE status = 'dropped'")
    op.execute(f"{STATUS} ck_deliveries_status CHECK (status IN ('queued', 'sent', 'failed'))")
