"""A free first session: once for each client and coach."""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE offerings ADD COLUMN intro boolean NOT NULL DEFAULT false")
    op.execute(
        "ALTER TABLE offerings ADD CONSTRAINT ck_offerings_intro"
        " CHECK (NOT intro OR price_minor IS NOT DISTINCT FROM 0)"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE offerings DROP COLUMN intro")
