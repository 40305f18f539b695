"""The earnings page of a coach who has sold for years, among others who sell as well."""

from datetime import timedelta

from sqlalchemy import Connection, text

from loom_app.domains.payments import queries
from loom_app.domains.scheduling import queries as scheduling
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction

COACH = 2_000_001
CHARGES = 5_000
NOISE = 20  # charges of each of the other thousand
STEP = 3 * 365 * 24 * 60 // CHARGES  # minutes between two: three years in all
BATCH = 50  # entries in a payout

# as the owner and without triggers: the balance is looked at once, below
_FILL = f"""
SET LOCAL session_replication_role = replica;

CREATE TEMP TABLE sale ON COMMIT DROP AS
  SELECT row_number() OVER () AS n, coach, now() - make_interval(mins => k * {STEP}) AS at
  FROM generate_series(2000000, 2000999) coach,
    LATERAL generate_series(1, CASE WHEN coach = {COACH} THEN {CHARGES} ELSE {NOISE} END) k;

INSERT INTO charges (id, payable_kind, payable_id, payer_id, coach_id, amount, currency, fee_bps,
    fee_fixed, fee, description, return_path, cancel_path, status, expires_at, paid_at)
  SELECT n, 'bench', n, 1, coach, 10000, 'USD', 1500, 0, 1500, 'Focus session', '/', '/',
    'succeeded', at, at FROM sale;

INSERT INTO ledger_accounts (id, kind, person_id)
  SELECT coach * 10 + k, (ARRAY['deferred', 'coach_pending', 'coach_payable', 'coach_balance',
    'stripe_connected', 'platform_fee_income'])[k], coach
  FROM (SELECT DISTINCT coach FROM sale) c, generate_series(1, 6) k;
INSERT INTO ledger_accounts (id, kind) VALUES (1, 'stripe_platform'), (2, 'stripe_fee_expense');

INSERT INTO ledger_transactions (id, kind, external_ref, charge_id, occurred_at)
  SELECT n * 4 + k, (ARRAY['charge', 'processing_fee', 'delivery', 'release'])[k + 1],
    format('%s-%s', k, n), n, at + make_interval(hours => k)
  FROM sale, generate_series(0, 3) k;
INSERT INTO ledger_entries (transaction_id, account_id, amount, currency, occurred_at)
  SELECT n * 4 + k, account, minor, 'USD', at + make_interval(hours => k)
  FROM sale, LATERAL (VALUES (0, 1, 10000), (0, coach * 10 + 1, -10000), (1, 2, 320), (1, 1, -320),
    (2, coach * 10 + 1, 10000), (2, coach * 10 + 2, -8500), (2, coach * 10 + 6, -1500),
    (3, coach * 10 + 2, 8500), (3, coach * 10 + 3, -8500)) e(k, account, minor);

CREATE TEMP TABLE batch ON COMMIT DROP AS
  SELECT e.id AS entry, 1 + (row_number() OVER (ORDER BY e.id) - 1) / {BATCH} AS payout
  FROM ledger_entries e WHERE e.account_id = {COACH} * 10::bigint + 3;
INSERT INTO payouts (id, coach_id, amount, currency, status, asked_by, attempts, paid_at)
  SELECT payout, {COACH}, count(*) * 8500, 'USD', 'paid', 'schedule', 1, now()
  FROM batch GROUP BY 1;
INSERT INTO payout_items (entry_id, payout_id) SELECT entry, payout FROM batch;
INSERT INTO ledger_transactions (id, kind, external_ref, payout_id, occurred_at)
  SELECT 10000000 + id * 2 + k, (ARRAY['transfer', 'payout'])[k + 1],
    format('%s:%s:1', (ARRAY['transfer', 'payout'])[k + 1], id), id, now()
  FROM payouts, generate_series(0, 1) k;
INSERT INTO ledger_entries (transaction_id, account_id, amount, currency, occurred_at)
  SELECT 10000000 + id * 2 + k, account, sign * amount, 'USD', now()
  FROM payouts, LATERAL (VALUES (0, coach_id * 10 + 3, 1), (0, 1, -1), (0, coach_id * 10 + 5, 1),
    (0, coach_id * 10 + 4, -1), (1, coach_id * 10 + 4, 1), (1, coach_id * 10 + 5, -1))
    e(k, account, sign);
"""


def fill(connection: Connection) -> None:
    """Into the benchmark's database, which has the coaches; in a transaction of its own."""
    raw = connection.connection.cursor()
    raw.execute(_FILL)
    wrong = "SELECT 1 FROM ledger_entries GROUP BY transaction_id HAVING sum(amount) <> 0"
    assert connection.scalar(text(wrong)) is None  # noqa: S101 - made up, but balanced


async def page() -> None:
    """What `/earnings` reads, once."""
    me = Actor(person_id=COACH, zone="Europe/Berlin", roles=frozenset({"coach"}))
    async with transaction(me) as tx:
        now = clock.now()
        found = await queries.earnings(tx, me)
        assert found[0].fees.minor == CHARGES * 1500  # noqa: S101 - an empty page would be quick
        bars = queries.days_since((now - timedelta(weeks=12)).date(), now, me.zone)
        await queries.earned_by(tx, me, "week", bars)
        period = queries.period_of("quarter", now, me.zone)
        await queries.earned_by_client(tx, me, period)
        await scheduling.earned_by_offering(tx, me, period)
        await queries.first_movement(tx, me)
        await queries.next_release(tx, me)
        await queries.account(tx, me)
