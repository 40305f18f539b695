"""Presence and live processes."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

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


def downgrade() -> None:
    op.execute("DROP TABLE processes")
