"""What a sign-in has proven: when last, and whether by a second factor."""

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE auth_sessions ADD COLUMN proven_at timestamptz,"
        " ADD COLUMN mfa boolean NOT NULL DEFAULT false"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE auth_sessions DROP COLUMN proven_at, DROP COLUMN mfa")
