"""Where an anonymous hold comes from, sealed: cookies alone must not keep a whole calendar."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE seats ADD COLUMN address text")
    op.execute(
        "CREATE INDEX ix_seats_address ON seats (address)"
        " WHERE status = 'held' AND address IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE seats DROP COLUMN address")
