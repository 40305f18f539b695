"""What stands beside the sessions of the large practice: places, packages with their ledger and
their money, templates, disputes, notices, mails and the trail."""

from collections.abc import Callable
from typing import Any

NOTICES = 20  # and as many mails, for each person
TRAIL = 10  # entries of each person

# Each statement by itself, in this order. A package lasts a year; its sessions are unused, since
# each seat was paid by itself, so what ran out is forfeited whole.
_STATEMENTS = (
    """INSERT INTO places (owner_id, name, street, city, postal_code, country, zone, shared,
         created_at)
       SELECT user_id, 'Studio ' || user_id, 'Made-up Street 1', 'Berlin', '10119', 'DE',
         'Europe/Berlin', user_id %% 10 = 0, %(now)s
       FROM coach_profiles WHERE user_id >= %(users)s""",
    """INSERT INTO rooms (place_id, name, capacity)
       SELECT id, room, 4 FROM places, (VALUES ('Garden room'), ('Attic')) r(room)
       WHERE owner_id >= %(users)s""",
    """INSERT INTO session_templates (coach_id, offering_id, name, duration_minutes, agenda)
       SELECT coach_id, min(id), 'First talk', 45, 'What brings you here?'
       FROM offerings WHERE coach_id >= %(users)s GROUP BY coach_id""",
    """INSERT INTO package_offers (coach_id, name, sessions, price_minor, currency, months,
         offering_ids)
       SELECT coach_id, 'Five sessions', 5, 40000, 'EUR', 12, array_agg(id ORDER BY id)
       FROM offerings WHERE coach_id >= %(users)s GROUP BY coach_id""",
    """INSERT INTO packages (offer_id, coach_id, client_id, name, sessions, price_minor, currency,
         months, offering_ids, created_at)
       SELECT o.id, e.coach_id, e.client_id, o.name, o.sessions, o.price_minor, o.currency,
         o.months, o.offering_ids, %(now)s - make_interval(days => (e.id %% 500)::int)
       FROM engagements e JOIN package_offers o ON o.coach_id = e.coach_id
       WHERE e.coach_id >= %(users)s""",
    """INSERT INTO charges (payable_kind, payable_id, payer_id, coach_id, amount, currency, fee_bps,
         fee_fixed, fee, description, return_path, cancel_path, status, expires_at, paid_at,
         created_at, updated_at)
       SELECT 'package', id, client_id, coach_id, price_minor, currency, 1500, 0,
         price_minor * 15 / 100, name, '', '', 'succeeded', created_at, created_at, created_at,
         created_at
       FROM packages WHERE coach_id >= %(users)s""",
    """UPDATE packages p SET status = 'live', charge_id = c.id, bought_at = p.created_at,
         expires_at = p.created_at + interval '1 year'
       FROM charges c WHERE c.payable_kind = 'package' AND c.payable_id = p.id
         AND p.coach_id >= %(users)s""",
    """INSERT INTO package_entries (package_id, kind, sessions, minor, what, at)
       SELECT id, 'bought', sessions, 0, '', bought_at FROM packages WHERE coach_id >= %(users)s""",
    """INSERT INTO package_entries (package_id, kind, sessions, minor, what, at)
       SELECT id, 'forfeited', -sessions, price_minor, '', expires_at
       FROM packages WHERE coach_id >= %(users)s AND expires_at < %(now)s""",
    """INSERT INTO disputes (charge_id, processor_id, amount, fee, currency, reason, status, due_by,
         opened_at, closed_at)
       SELECT id, 'dp_large' || id, amount, 1500, currency, 'product_not_received',
         (ARRAY['needs_response', 'under_review', 'won', 'lost'])[1 + id / 200 %% 4],
         paid_at + interval '20 days', paid_at + interval '10 days',
         CASE WHEN id / 200 %% 4 > 1 THEN paid_at + interval '60 days' END
       FROM charges WHERE id %% 200 = 0 AND coach_id >= %(users)s""",
    f"""INSERT INTO notices (user_id, topic, title, path, created_at, read_at)
       SELECT u.id, 'sessions', 'Booked: Session of 60 minutes', '/sessions',
         %(now)s - make_interval(hours => 100 * k),
         CASE WHEN k > 3 THEN %(now)s - make_interval(hours => 99 * k) END
       FROM users u, generate_series(1, {NOTICES}) k WHERE u.id >= %(users)s""",
    f"""INSERT INTO deliveries (user_id, event, channel, key, facts, status, attempts, created_at,
         sent_at, due_at)
       SELECT u.id, 'session.reminder', 'mail', format('large:%%s:%%s', u.id, k), '{{}}', 'sent', 1,
         at, at, at
       FROM users u, generate_series(1, {NOTICES}) k,
         LATERAL (SELECT %(now)s - make_interval(hours => 100 * k) AS at) t
       WHERE u.id >= %(users)s""",
    f"""INSERT INTO audit_entries (at, actor, verb, subject, subject_id, address)
       SELECT %(now)s - make_interval(hours => 100 * k), 'person:' || u.id, 'account.sign_in',
         'user', u.id, '192.0.2.' || u.id %% 250
       FROM users u, generate_series(1, {TRAIL}) k WHERE u.id >= %(users)s""",
)
_ACCOUNTS = """INSERT INTO ledger_accounts (kind, person_id)
    SELECT kind, coach_id FROM (SELECT DISTINCT coach_id FROM packages
      WHERE coach_id >= %(users)s) c, (VALUES ('deferred'), ('coach_payable'),
      ('platform_fee_income')) k(kind)
    ON CONFLICT DO NOTHING"""
# what was paid waits for sessions; what ran out is the coach's, less the fee
_MOVEMENTS = """INSERT INTO ledger_transactions (kind, external_ref, payable_kind, payable_id,
      charge_id, occurred_at)
    SELECT m.kind, format('%%s:%%s', m.kind, p.charge_id), 'package', p.id, p.charge_id, m.at
    FROM packages p,
      LATERAL (VALUES ('charge', p.bought_at), ('delivery', p.expires_at)) m(kind, at)
    WHERE p.coach_id >= %(users)s AND m.at < %(now)s"""
_ENTRIES = """INSERT INTO ledger_entries (transaction_id, account_id, amount, currency, occurred_at)
    SELECT t.id, a.id, leg.minor, c.currency, t.occurred_at
    FROM ledger_transactions t JOIN charges c ON c.id = t.charge_id,
      LATERAL (VALUES ('charge', 'stripe_platform', NULL, c.amount),
        ('charge', 'deferred', c.coach_id, -c.amount),
        ('delivery', 'deferred', c.coach_id, c.amount),
        ('delivery', 'coach_payable', c.coach_id, c.fee - c.amount),
        ('delivery', 'platform_fee_income', c.coach_id, -c.fee)) leg(kind, account, person, minor),
      ledger_accounts a
    WHERE t.payable_kind = 'package' AND c.coach_id >= %(users)s AND leg.kind = t.kind
      AND a.kind = leg.account AND a.person_id IS NOT DISTINCT FROM leg.person"""


def write(db: Any, without_triggers: Callable[..., None], values: dict[str, Any]) -> None:
    """`values`: "users", the first id of the large practice's people, and "now"."""
    for statement in _STATEMENTS:
        db.execute(statement, values)
    db.execute(_ACCOUNTS, values)

    def ledger() -> None:
        db.execute(_MOVEMENTS, values)
        db.execute(_ENTRIES, values)

    without_triggers(("ledger_entries", "ledger_transactions"), ledger)
