"""Counts of doors, which a restart must not forget."""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE TABLE rate_counters (key text NOT NULL CONSTRAINT pk_rate_counters PRIMARY KEY,"
        " used integer NOT NULL, ends_at timestamptz NOT NULL)"
    )
    op.execute("CREATE INDEX ix_rate_counters_ends_at ON rate_counters (ends_at)")
    op.execute("ALTER TABLE rate_counters ENABLE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY rate_counters_system ON rate_counters"
        " USING ((SELECT loom_system()) = 'kit.limits')"
    )


def downgrade() -> None:
    op.execute("DROP TABLE rate_counters")
