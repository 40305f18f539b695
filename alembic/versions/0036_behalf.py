"""Sessions that a coach books for a client: who booked, and a price that is paid in person."""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

SEATS = "ALTER TABLE seats DROP CONSTRAINT ck_seats_deposit, ADD CONSTRAINT ck_seats_deposit CHECK"
PARTS = (
    "deposit_minor >= 0 AND (deposit_minor = 0 OR deposit_minor < price_minor)"
    " AND rest IN ('', 'before', 'in_person') AND no_show_fee_minor >= 0"
)
DUES = "ALTER TABLE dues DROP CONSTRAINT ck_dues_amount, ADD CONSTRAINT ck_dues_amount CHECK"
AMOUNT = "amount > 0 AND whole >= amount AND (part <> 'rest' OR whole > amount"
OFFERS = "CREATE UNIQUE INDEX uq_seats_offer ON seats (client_id) WHERE status = 'held' AND offered"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE seats ADD COLUMN booked_by bigint"
        " CONSTRAINT fk_seats_booked_by REFERENCES users (id)"
    )
    op.execute("CREATE INDEX ix_seats_booked_by ON seats (booked_by) WHERE booked_by IS NOT NULL")
    # a client has one offer of the waitlist, and as many times as coaches keep for them
    op.execute("DROP INDEX uq_seats_offer")
    op.execute(f"{OFFERS} AND booked_by IS NULL")
    # a rest without a deposit: all of it is paid in person
    op.execute(
        f"{SEATS} ({PARTS} AND (deposit_minor > 0 AND rest <> ''"
        " OR deposit_minor = 0 AND (rest = '' OR rest = 'in_person' AND price_minor > 0)))"
    )
    op.execute(f"{DUES} ({AMOUNT} OR how = 'in_person'))")


def downgrade() -> None:
    op.execute("DELETE FROM dues WHERE part = 'rest' AND whole = amount")
    op.execute(f"{DUES} ({AMOUNT}))")
    op.execute("UPDATE seats SET rest = '' WHERE deposit_minor = 0")
    op.execute(f"{SEATS} ({PARTS} AND (deposit_minor > 0) = (rest <> ''))")
    op.execute("DROP INDEX uq_seats_offer")
    op.execute("UPDATE seats SET status = 'expired' WHERE status = 'held' AND offered")
    op.execute(OFFERS)
    op.execute("ALTER TABLE seats DROP COLUMN booked_by")
