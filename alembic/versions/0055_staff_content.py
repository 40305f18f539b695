"""Staff correct and hide pages of coaches, and take offerings off sale."""

from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

STAFF = "(SELECT loom_system()) = 'coaches.staff'"
TABLES = ("coach_profiles", "offerings")


def upgrade() -> None:
    for table in TABLES:
        op.execute(
            f"CREATE POLICY {table}_staff ON {table} FOR UPDATE"
            f" USING ({STAFF}) WITH CHECK ({STAFF})"
        )


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP POLICY {table}_staff ON {table}")
