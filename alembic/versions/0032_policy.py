"""A coach's policy for cancellations, and each session's own copy of it."""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

RULE = "CHECK (cancel_free_hours BETWEEN 0 AND 168 AND cancel_late_percent BETWEEN 0 AND 100)"


def upgrade() -> None:
    for table in ("coach_profiles", "coaching_sessions"):
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN cancel_free_hours integer NOT NULL DEFAULT 24,"
            " ADD COLUMN cancel_late_percent integer NOT NULL DEFAULT 0,"
            f" ADD CONSTRAINT ck_{table}_policy {RULE}"
        )
    op.execute(
        "GRANT UPDATE (cancel_free_hours, cancel_late_percent) ON coach_profiles TO loom_app"
    )


def downgrade() -> None:
    for table in ("coach_profiles", "coaching_sessions"):
        op.execute(
            f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_policy,"
            " DROP COLUMN cancel_free_hours, DROP COLUMN cancel_late_percent"
        )
