"""A large practice for measuring, by COPY as the owner: the shape of real data, made-up content.

1,000 coaches, 9,000 clients, 100,000 sessions with charges and a balanced ledger, 1,000,000
messages, and what `large_rest.py` adds. Numbers are round on purpose; times are true, so that free
slots and lists mean something.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from loom_app.cli import large_rest
from loom_app.domains.payments import queries as payments
from loom_app.kit import clock
from loom_app.kit.db.engine import owner_engine
from loom_app.kit.money import Money

ZONES = (
    "Europe/Berlin", "Europe/London", "America/New_York", "America/Los_Angeles", "Asia/Kolkata",
    "Asia/Tokyo", "Australia/Sydney", "Asia/Kathmandu", "America/Sao_Paulo", "Africa/Lagos",
)  # fmt: skip
FIRST = (
    "Ada Ben Cleo Dora Emil Fay Gus Hana Ivo June Kai Lia Milo Nora Otis Pia Quinn Rosa Sami Tess"
    " Uma Vera Wim Xenia Yara Zeno"
)
LAST = (
    "Adler Brook Costa Diaz Evans Falk Greene Holm Ito Jansen Kaur Lopez Marsh Nair Olsen Petit"
    " Quist Reyes Singh Turner Usman Varga Walsh Xu Young Zeller"
)
TOPICS = (
    "Leadership", "Career change", "Burnout", "Confidence", "Focus", "Founders", "Habits",
    "Communication", "Stress", "Creativity", "Job search", "Relationships",
)  # fmt: skip
LANGUAGES = ("English", "German", "French", "Spanish", "Hindi", "Japanese")
WORDS = (
    "Thank you, that helped.", "See you on Thursday.", "I wrote it down as you said.",
    "Could you send the questions again?", "Small step today, but a real one.",
    "How did the conversation go?", "Better than expected!", "Let us stay with that next time.",
)  # fmt: skip
WORDS_INDEX = (
    "CREATE INDEX ix_messages_words ON messages USING gin (loom_words(conversation_id, body))"
    " WITH (fastupdate = off)"
)


@dataclass(frozen=True, slots=True)
class Sizes:
    coaches: int = 1_000
    clients: int = 9_000
    sessions: int = 100_000
    messages: int = 1_000_000
    pairs: int = 10_000


def main(sizes: Sizes | None = None) -> int:
    chosen = sizes or Sizes()
    began = time.perf_counter()
    engine = owner_engine()
    with engine.begin() as connection:
        raw: Any = connection.connection.driver_connection
        Large(raw, chosen).write()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()
    print(f"Seeded {chosen} in {time.perf_counter() - began:.0f} s.")
    return 0


class Large:
    """Ids begin after what is there, so that it may follow the demo."""

    def __init__(self, db: Any, sizes: Sizes) -> None:
        self.db = db
        self.sizes = sizes
        self.now = clock.now().replace(minute=0, second=0, microsecond=0)
        self.users = self._after("users")
        self.offerings = self._after("offerings")

    def write(self) -> None:
        self._people()
        self._coaches()
        pairs = self._engagements()
        self._sessions(pairs)
        self._conversations(pairs)
        for table in (
            "users", "offerings", "engagements", "coaching_sessions", "seats", "charges",
            "ledger_transactions", "ledger_accounts", "conversations",
        ):  # fmt: skip
            self._number_on(table)
        values = {"users": self.users, "now": self.now}
        large_rest.write(self.db, self._without_triggers, values)
        self._balanced()

    def _balanced(self) -> None:
        wrong = self.db.execute(
            "SELECT 1 FROM ledger_entries GROUP BY transaction_id, currency"
            " HAVING sum(amount) <> 0 LIMIT 1"
        ).fetchone()
        if wrong:
            raise ValueError("the ledger of the large practice does not balance")

    def _people(self) -> None:
        pick = Random(1)  # noqa: S311 - made up
        first, last = FIRST.split(), LAST.split()
        total = self.sizes.coaches + self.sizes.clients
        self._copy(
            "users (id, name, zone, roles, verified_at, created_at)",
            (
                (
                    self.users + n,
                    f"{pick.choice(first)} {pick.choice(last)}",
                    ZONES[n % len(ZONES)],
                    ["coach"] if n < self.sizes.coaches else ["client"],
                    self.now,
                    self.now - timedelta(days=pick.randint(100, 900)),
                )
                for n in range(total)
            ),
        )
        self._copy(
            "credentials (user_id, email, email_key, password_hash)",
            (
                (self.users + n, f"large{self.users + n}@loom.test",
                 f"large{self.users + n}@loom.test", "!")
                for n in range(total)
            ),
        )  # fmt: skip

    def _coaches(self) -> None:
        pick = Random(2)  # noqa: S311 - made up
        ids = [self.users + n for n in range(self.sizes.coaches)]
        self._copy("coach_standings (coach_id, verified_at)", ((one, self.now) for one in ids))
        self._copy(
            "coach_profiles (user_id, slug, status, headline, bio, specialties, languages, years,"
            " currency, rating_avg, rating_count, published_at)",
            (
                (
                    one, f"coach-{one}", "published", "Clear thinking at turning points",
                    "Made up for measuring.", pick.sample(TOPICS, 3), pick.sample(LANGUAGES, 2),
                    pick.randint(1, 30), "EUR", round(pick.uniform(3.5, 5), 1),
                    pick.randint(0, 200), self.now,
                )
                for one in ids
            ),
        )  # fmt: skip
        self._copy(
            "payout_accounts (user_id, processor_id, status, currency, interval)",
            ((one, f"acct_large{one}", "active", "EUR", "manual") for one in ids),
        )
        kinds = ((30, 4500), (60, 9000), (90, 13000))
        self._copy(
            "offerings (id, coach_id, name, duration_minutes, price_minor, currency, place,"
            " buffer_after, notice_minutes, window_days)",
            (
                (self.offerings + 3 * n + k, one, f"Session of {minutes} minutes", minutes, price,
                 "EUR", "video", 15, 720, 60)
                for n, one in enumerate(ids)
                for k, (minutes, price) in enumerate(kinds)
            ),
        )  # fmt: skip
        self._copy(
            "weekly_hours (coach_id, weekday, start_minute, end_minute)",
            (
                (one, day, start, start + length)
                for one in ids
                for day in range(5)
                for start, length in ((480 + 30 * (one % 4), 240), (780, 240))
            ),
        )

    def _engagements(self) -> list[tuple[int, int, int]]:
        """(id, coach, client), each client with one or two coaches."""
        first, pairs = self._after("engagements"), []
        for n in range(self.sizes.pairs):
            coach = self.users + n * 7 % self.sizes.coaches
            client = self.users + self.sizes.coaches + n % self.sizes.clients
            pairs.append((first + n, coach, client))
        pairs = list({(coach, client): (e, coach, client) for e, coach, client in pairs}.values())
        self._copy(
            "engagements (id, coach_id, client_id, status)",
            ((e, coach, client, "active") for e, coach, client in pairs),
        )
        return pairs

    def _sessions(self, pairs: Sequence[tuple[int, int, int]]) -> None:
        """Each coach has a row of hours, four a day and 100 in all, a fifth of them to come."""
        session, seat, charge = (
            self._after(table) for table in ("coaching_sessions", "seats", "charges")
        )
        by_coach: dict[int, list[int]] = {}
        for _, coach, client in pairs:
            by_coach.setdefault(coach, []).append(client)
        each = -(-self.sizes.sessions // len(by_coach))
        fee = payments.standard_fee(Money(9000, "EUR")).minor
        sessions, seats, charges = [], [], []
        for coach, clients in by_coach.items():
            for n in range(each):
                start, client = self._start(coach, n, each), clients[n % len(clients)]
                end, over = start + timedelta(hours=1), start < self.now
                status = "completed" if over else "confirmed"
                offering = self.offerings + 3 * (coach - self.users) + 1
                number = len(sessions)
                booked = min(start - timedelta(days=5), self.now)
                sessions.append(
                    (session + number, coach, offering, status, start, end, start,
                     end + timedelta(minutes=15), "Session of 60 minutes", "video", booked, booked,
                     booked)
                )  # fmt: skip
                seats.append(
                    (seat + number, session + number, coach, client, status, start, end, 9000,
                     "EUR", charge + number, booked)
                )  # fmt: skip
                charges.append(
                    (charge + number, "seat", seat + number, client, coach, 9000, "EUR", 1500, 0,
                     fee, "Session of 60 minutes", "", "", "succeeded", booked, booked, booked,
                     booked)
                )  # fmt: skip
        self._copy(
            "coaching_sessions (id, coach_id, offering_id, status, starts_at, ends_at,"
            " blocked_from, blocked_until, title, place, created_at, changed_at, booked_at)",
            sessions,
        )
        # each is the only one of its session; counting that for every row, before the table has
        # statistics, reads all of it
        self._without_triggers(
            ("seats",),
            lambda: self._copy(
                "seats (id, session_id, coach_id, client_id, status, starts_at, ends_at,"
                " price_minor, currency, charge_id, created_at)",
                seats,
            ),
        )
        self._copy(
            "charges (id, payable_kind, payable_id, payer_id, coach_id, amount, currency, fee_bps,"
            " fee_fixed, fee, description, return_path, cancel_path, status, expires_at, paid_at,"
            " created_at, updated_at)",
            charges,
        )
        self._ledger(charges, {row[9] for row in seats if row[4] == "completed"}, fee)

    def _start(self, coach: int, n: int, each: int) -> datetime:
        """No two of a coach or of a client overlap: a day and an hour that follow from numbers."""
        day = n // 4 - each // 5  # four a day: a fifth of the days are to come
        hour = 6 + (n % 4) * 4 + coach % 2 * 2
        midnight = self.now.astimezone(UTC).replace(hour=0)
        return midnight + timedelta(days=day, hours=hour)

    def _ledger(self, charges: list[tuple[Any, ...]], delivered: set[int], fee: int) -> None:
        account = self._after("ledger_accounts")
        movement = self._after("ledger_transactions")
        coaches = sorted({row[4] for row in charges})
        by_coach = ("deferred", "coach_payable", "platform_fee_income")
        kinds = [(kind, one) for kind in by_coach for one in coaches]
        numbers = {key: account + n for n, key in enumerate(kinds)}
        self._copy(
            "ledger_accounts (id, kind, person_id)",
            ((number, kind, person) for (kind, person), number in numbers.items()),
        )
        self._number_on("ledger_accounts")
        self.db.execute(
            "INSERT INTO ledger_accounts (kind) VALUES ('stripe_platform') ON CONFLICT DO NOTHING"
        )
        row = self.db.execute(
            "SELECT id FROM ledger_accounts WHERE kind = 'stripe_platform'"
        ).fetchone()
        numbers["stripe_platform", 0] = row[0] if row else 0
        movements, entries = [], []
        for row in charges:
            charge, coach, gross, at = row[0], row[4], row[5], row[15]
            legs = [("stripe_platform", 0, gross), ("deferred", coach, -gross)]
            todo = [("charge", f"charge:{charge}", legs)]
            if charge in delivered:
                legs = [("deferred", coach, gross), ("coach_payable", coach, fee - gross),
                        ("platform_fee_income", coach, -fee)]  # fmt: skip
                todo.append(("delivery", f"delivery:{charge}", legs))
            for kind, ref, moved in todo:
                movements.append((movement, kind, ref, "seat", row[2], charge, at))
                for name, who, minor in moved:
                    entries.append((movement, numbers[name, who], minor, "EUR", at))
                movement += 1
        # a quarter of a million deferred checks of balance would take longer than all the rest;
        # the sums are checked once, at the end
        self._without_triggers(
            ("ledger_entries", "ledger_transactions"),
            lambda: self._write_ledger(movements, entries),
        )

    def _write_ledger(self, movements: list[Any], entries: list[Any]) -> None:
        self._copy(
            "ledger_transactions (id, kind, external_ref, payable_kind, payable_id, charge_id,"
            " occurred_at)",
            movements,
        )
        self._copy(
            "ledger_entries (transaction_id, account_id, amount, currency, occurred_at)", entries
        )

    def _conversations(self, pairs: Sequence[tuple[int, int, int]]) -> None:
        first = self._after("conversations")
        each = self.sizes.messages // len(pairs)
        ended = [self.now - timedelta(minutes=n * 3) for n in range(len(pairs))]
        self._copy(
            "conversations (id, engagement_id, message_count, change_count, last_message_at)",
            (
                (first + n, engagement, each, each, ended[n])
                for n, (engagement, _, _) in enumerate(pairs)
            ),
        )
        self._copy(
            "conversation_members (conversation_id, user_id, read_number, delivered_number,"
            " change)",
            (
                (first + n, person, each, each, each)
                for n, (_, *people) in enumerate(pairs)
                for person in people
            ),
        )
        # made once for all, as a restore would; message by message it takes many times as long
        self.db.execute("DROP INDEX ix_messages_words")
        self._copy(
            "messages (conversation_id, number, change, sender_id, client_id, body, sent_at)",
            (
                (first + n, k, k, (client, coach)[k % 2], f"large-{n}-{k}", WORDS[k % len(WORDS)],
                 ended[n] - timedelta(minutes=7 * (each - k)))
                for n, (_, coach, client) in enumerate(pairs)
                for k in range(1, each + 1)
            ),
        )  # fmt: skip
        self.db.execute(WORDS_INDEX)

    def _without_triggers(self, tables: Iterable[str], work: Callable[[], None]) -> None:
        for table in tables:
            self.db.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        work()
        for table in tables:
            self.db.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    def _number_on(self, table: str) -> None:
        """What comes next gets numbers after those that were given by hand."""
        self.db.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'),"
            f" (SELECT coalesce(max(id), 1) FROM {table}))"
        )

    def _after(self, table: str) -> int:
        row = self.db.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {table}").fetchone()
        return int(row[0]) if row else 1

    def _copy(self, target: str, rows: Iterable[Sequence[Any]]) -> None:
        with self.db.cursor() as cursor, cursor.copy(f"COPY {target} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
