"""A payout that waits for money: since when, and whether somebody was told."""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE payouts ADD COLUMN waits_since timestamptz,"
        " ADD COLUMN wait_told_at timestamptz"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE payouts DROP COLUMN waits_since, DROP COLUMN wait_told_at")
