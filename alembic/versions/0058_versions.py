"""Who serves without owning the database may see which version it is at."""

from alembic import op

revision = "0058"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("GRANT SELECT ON alembic_version TO loom_app")


def downgrade() -> None:
    op.execute("REVOKE SELECT ON alembic_version FROM loom_app")
