"""A refund that a bank did not take becomes credit once."""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE refunds ADD COLUMN credited_by bigint"
        " CONSTRAINT uq_refunds_credited_by UNIQUE"
        " CONSTRAINT fk_refunds_credited_by REFERENCES refunds (id)"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE refunds DROP COLUMN credited_by")
