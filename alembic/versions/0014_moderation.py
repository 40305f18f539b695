"""What blocks and reports may hold; nobody is seen past a block."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE blocks ADD CONSTRAINT ck_blocks_two CHECK (blocker_id <> blocked_id)")
    op.execute(
        "ALTER TABLE reports ADD CONSTRAINT ck_reports_reason"
        " CHECK (reason IN ('harassment', 'spam', 'scam', 'unsafe', 'other'))"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE reports DROP CONSTRAINT ck_reports_reason")
    op.execute("ALTER TABLE blocks DROP CONSTRAINT ck_blocks_two")
