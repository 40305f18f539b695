"""payments: an entry knows when it happened, and the fee is kept by coach, so that what a coach
earned is read from one index, however long they have been selling."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# the time of an entry is its transaction's: nobody else gives it one
_SEALED = """
    CREATE OR REPLACE FUNCTION ledger_sealed() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    DECLARE at timestamptz;
    BEGIN
      SELECT occurred_at INTO at FROM public.ledger_transactions WHERE id = NEW.transaction_id
        AND sealed_by = (pg_current_xact_id()::text)::bigint;
      IF NOT FOUND THEN
        RAISE EXCEPTION 'ledger transaction % is closed', NEW.transaction_id
          USING ERRCODE = '42501';
      END IF;
      NEW.occurred_at := at;
      RETURN NEW;
    END $$
"""
_SEALED_BEFORE = """
    CREATE OR REPLACE FUNCTION ledger_sealed() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    BEGIN
      IF NOT EXISTS (SELECT 1 FROM public.ledger_transactions WHERE id = NEW.transaction_id
                     AND sealed_by = (pg_current_xact_id()::text)::bigint) THEN
        RAISE EXCEPTION 'ledger transaction % is closed', NEW.transaction_id
          USING ERRCODE = '42501';
      END IF;
      RETURN NEW;
    END $$
"""
# the platform's fee of a coach's sales, in an account of its own
_FEE_ACCOUNTS = """
    INSERT INTO ledger_accounts (kind, person_id)
    SELECT DISTINCT 'platform_fee_income', c.coach_id FROM ledger_entries e
    JOIN ledger_accounts a ON a.id = e.account_id AND a.kind = 'platform_fee_income'
    JOIN ledger_transactions t ON t.id = e.transaction_id JOIN charges c ON c.id = t.charge_id
    ON CONFLICT DO NOTHING
"""
_FILL = """
    UPDATE ledger_entries e SET occurred_at = t.occurred_at, account_id = coalesce(
      (SELECT own.id FROM charges c JOIN ledger_accounts own ON own.person_id = c.coach_id
       AND own.kind = 'platform_fee_income' WHERE c.id = t.charge_id
       AND a.kind = 'platform_fee_income'), e.account_id)
    FROM ledger_transactions t, ledger_accounts a
    WHERE t.id = e.transaction_id AND a.id = e.account_id
"""


def upgrade() -> None:
    op.execute("ALTER TABLE ledger_entries ADD COLUMN occurred_at timestamptz")
    op.execute(_FEE_ACCOUNTS)
    # no amount changes; once only, as the owner
    op.execute("ALTER TABLE ledger_entries DISABLE TRIGGER ledger_entries_append_only")
    op.execute(_FILL)
    op.execute("ALTER TABLE ledger_entries ENABLE TRIGGER ledger_entries_append_only")
    op.execute("ALTER TABLE ledger_entries ALTER COLUMN occurred_at SET NOT NULL")
    op.execute(_SEALED)
    op.execute(
        "CREATE INDEX ix_ledger_entries_account_time ON ledger_entries (account_id, occurred_at)"
        " INCLUDE (transaction_id, currency, amount)"
    )
    op.execute("DROP INDEX ix_ledger_entries_account_id")


def downgrade() -> None:
    op.execute("CREATE INDEX ix_ledger_entries_account_id ON ledger_entries (account_id)")
    op.execute(_SEALED_BEFORE)
    op.execute("ALTER TABLE ledger_entries DROP COLUMN occurred_at")
