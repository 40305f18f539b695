"""What happened in the practice so far: sessions, money, words.

It is written as rows by the owner, since nothing may be booked in the past; the ledger's own
constraints check it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from loom_app.cli.demo.practice import Made
from loom_app.cli.demo.talk import ADA_AND_BEN, AGENDAS, FEEDBACK, TALKS, Line
from loom_app.domains.coaches import queries as coaches
from loom_app.domains.coaches.queries import OfferingView
from loom_app.domains.engagements import actions as engagements
from loom_app.domains.messaging import actions as messaging
from loom_app.domains.payments import queries as payment_queries
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.engine import owner_engine
from loom_app.kit.db.transaction import transaction
from loom_app.kit.settings import settings
from loom_app.kit.text import t

WEEKS_BACK = 10


def pairs(made: list[Made], clients: list[Actor]) -> list[tuple[Made, Actor]]:
    """Who works with whom: each client with one coach, every third with a second one."""
    found = []
    for number, client in enumerate(clients):
        found.append((made[number % len(made)], client))
        if number % 3 == 0:
            found.append((made[(number + 5) % len(made)], client))
    found.append((made[0], clients[1]))
    found.append((made[0], clients[2]))
    return found


async def past(made: list[Made], clients: list[Actor]) -> None:
    """Ten weeks of sessions that took place, some cancelled, all paid."""
    pick = Random(11)  # noqa: S311 - the same practice every time
    work = []
    for coach, client in pairs(made, clients):
        async with transaction(client) as tx:
            await engagements.ensure(
                tx, coach.actor.require_person(), client.require_person(), "active"
            )
            sold = await coaches.offerings(tx, client, coach.actor.require_person())
        work.append((coach, client, sold))
    taken: set[tuple[int, int]] = set()
    engine = owner_engine()
    with engine.begin() as db:
        writer = _Writer(db)
        for coach, client, sold in work:
            paid = [offering for offering in sold if offering.price_minor]
            for week in sorted(pick.sample(range(1, WEEKS_BACK), pick.randint(1, 4)), reverse=True):
                offering = sold[0] if pick.random() < 0.15 else pick.choice(paid)
                start = _moment(pick, coach.demo.zone, week)
                days = {(one, int(start.timestamp()) // 86_400) for one in
                        (coach.actor.require_person(), client.require_person())}  # fmt: skip
                if days & taken:
                    continue
                taken |= days
                writer.session(coach, client, offering, start, cancelled=pick.random() < 0.1)
    engine.dispose()


def _moment(pick: Random, zone: str, weeks: int) -> datetime:
    """A working hour some weeks ago, by the coach's clock."""
    day = clock.now().astimezone(ZoneInfo(zone)) - timedelta(weeks=weeks, days=pick.randint(0, 2))
    day -= timedelta(days=max(0, day.weekday() - 4))
    return day.replace(hour=pick.randint(9, 16), minute=0, second=0, microsecond=0).astimezone(UTC)


class _Writer:
    """Rows of one finished session with its charge and its movements of money."""

    def __init__(self, db: Connection) -> None:
        self.db = db
        self.accounts: dict[tuple[str, int | None], int] = {}

    def session(
        self,
        coach: Made,
        client: Actor,
        offering: OfferingView,
        start: datetime,
        *,
        cancelled: bool,
    ) -> None:
        booked = start - timedelta(days=4, minutes=17)
        end = start + timedelta(minutes=offering.duration_minutes)
        status = "cancelled" if cancelled else "completed"
        values = {
            "coach": coach.actor.person_id,
            "client": client.person_id,
            "offering": offering.id,
            "status": status,
            "start": start,
            "end": end,
            "block": start - timedelta(minutes=offering.buffer_before),
            "until": end + timedelta(minutes=offering.buffer_after),
            "title": offering.name,
            "place": offering.place,
            "address": offering.address,
            "booked": booked,
            "changed": booked + timedelta(days=1) if cancelled else end,
            "gone": booked + timedelta(days=1) if cancelled else None,
            "by": "client" if cancelled else None,
            "why": t("Something came up at work, sorry.") if cancelled else "",
            "price": offering.price_minor,
            "currency": offering.currency,
            "agenda": AGENDAS[int(start.timestamp()) // 3600 % len(AGENDAS)],
        }
        values["session"] = self._one(
            "INSERT INTO coaching_sessions (coach_id, offering_id, status, starts_at, ends_at,"
            " blocked_from, blocked_until, title, place, address, cancelled_by, cancel_reason,"
            " created_at, changed_at, booked_at, cancelled_at) VALUES (:coach, :offering, :status,"
            " :start, :end, :block, :until, :title, :place, :address, :by, :why, :booked, :changed,"
            " :booked, :gone) RETURNING id",
            values,
        )
        seat = self._one(
            "INSERT INTO seats (session_id, coach_id, client_id, status, starts_at, ends_at,"
            " price_minor, currency, agenda, created_at) VALUES (:session, :coach, :client,"
            " :status, :start, :end, :price, :currency, :agenda, :booked) RETURNING id",
            values,
        )
        if offering.price_minor:
            self._money(values | {"seat": seat}, offering, cancelled=cancelled)
        if not cancelled:
            self._rating(values | {"seat": seat})

    def _rating(self, values: dict[str, Any]) -> None:
        """Of five sessions one is not rated and one has four stars."""
        chance = int(values["start"].timestamp()) // 3600 % 5
        if chance:
            stars = 4 if chance == 2 else 5
            said = FEEDBACK[chance]
            self.db.execute(
                text(
                    "INSERT INTO session_ratings (seat_id, coach_id, client_id, stars, feedback,"
                    " rated_at, changed_at) VALUES (:seat, :coach, :client, :stars, :said, :end,"
                    " :end)"
                ),
                values | {"stars": stars, "said": said},
            )

    def _money(self, values: dict[str, Any], offering: OfferingView, *, cancelled: bool) -> None:
        gross = offering.price_minor
        fee = payment_queries.standard_fee(offering.price).minor
        values |= {"fee": fee, "refunded": gross if cancelled else 0,
                   "state": "refunded" if cancelled else "succeeded"}  # fmt: skip
        charge = self._one(
            "INSERT INTO charges (payable_kind, payable_id, payer_id, coach_id, amount, currency,"
            " fee_bps, fee_fixed, fee, refunded, description, return_path, cancel_path, status,"
            " expires_at, paid_at, created_at, updated_at) VALUES ('seat', :seat, :client, :coach,"
            " :price, :currency, 1500, 0, :fee, :refunded, :title, '', '', :state, :booked,"
            " :booked, :booked, :booked) RETURNING id",
            values,
        )
        self.db.execute(
            text("UPDATE seats SET charge_id = :charge WHERE id = :seat"),
            {"charge": charge, "seat": values["seat"]},
        )
        coach = values["coach"]
        paid = [("stripe_platform", None, gross), ("deferred", coach, -gross)]
        self._post("charge", f"charge:{charge}", charge, values, paid, values["booked"])
        if cancelled:
            refund = self._one(
                "INSERT INTO refunds (charge_id, amount, currency, reason, status, created_at,"
                " done_at) VALUES (:charge, :price, :currency, 'client_cancelled', 'succeeded',"
                " :gone, :gone) RETURNING id",
                values | {"charge": charge},
            )
            back = [("deferred", coach, gross), ("stripe_platform", None, -gross)]
            self._post("refund", f"refund:{refund}", charge, values, back, values["gone"])
            return
        net = gross - fee
        earned = [("deferred", coach, gross), ("coach_pending", coach, -net),
                  ("platform_fee_income", coach, -fee)]  # fmt: skip
        self._post("delivery", f"delivery:{charge}", charge, values, earned, values["end"])
        released = values["end"] + timedelta(hours=settings().release_hours)
        if released < clock.now():
            free = [("coach_pending", coach, net), ("coach_payable", coach, -net)]
            self._post("release", f"release:{charge}:0", charge, values, free, released)

    def _post(
        self,
        kind: str,
        ref: str,
        charge: int,
        values: dict[str, Any],
        legs: list[tuple[str, int | None, int]],
        at: datetime,
    ) -> None:
        movement = self._one(
            "INSERT INTO ledger_transactions (kind, external_ref, payable_kind, payable_id,"
            " charge_id, occurred_at) VALUES (:kind, :ref, 'seat', :seat, :charge, :at)"
            " RETURNING id",
            {"kind": kind, "ref": ref, "seat": values["seat"], "charge": charge, "at": at},
        )
        for account, person, amount in legs:
            self.db.execute(
                text(
                    "INSERT INTO ledger_entries (transaction_id, account_id, amount, currency)"
                    " VALUES (:movement, :account, :amount, :currency)"
                ),
                {
                    "movement": movement,
                    "account": self._account(account, person),
                    "amount": amount,
                    "currency": values["currency"],
                },
            )

    def _account(self, kind: str, person: int | None) -> int:
        if (kind, person) not in self.accounts:
            values = {"kind": kind, "person": person}
            self.db.execute(
                text(
                    "INSERT INTO ledger_accounts (kind, person_id) VALUES (:kind, :person)"
                    " ON CONFLICT DO NOTHING"
                ),
                values,
            )
            self.accounts[kind, person] = self._one(
                "SELECT id FROM ledger_accounts WHERE kind = :kind"
                " AND person_id IS NOT DISTINCT FROM :person",
                values,
            )
        return self.accounts[kind, person]

    def _one(self, sql: str, values: dict[str, Any]) -> int:
        return int(self.db.execute(text(sql), values).scalar_one())


async def talks(made: list[Made], clients: list[Actor]) -> None:
    """A conversation for every pair, over the last weeks; some end unread."""
    pick = Random(23)  # noqa: S311 - the same words every time
    stories: Iterator[int] = count()
    for coach, client in dict.fromkeys((c.actor, k) for c, k in pairs(made, clients)):
        ben_and_ada = coach is made[0].actor and client is clients[0]
        lines = ADA_AND_BEN if ben_and_ada else TALKS[next(stories) % len(TALKS)]
        pair = (coach.require_person(), client.require_person())
        async with transaction(client) as tx:
            engagement = await engagements.ensure(tx, *pair, "active")
            conversation = await messaging.for_engagement(tx, engagement, pair)
        ended = clock.now() - timedelta(hours=pick.randint(2, 200), minutes=pick.randint(0, 59))
        if ben_and_ada:
            ended = clock.now() - timedelta(minutes=38)
        await _write(conversation, pair, lines, ended, pick)


async def _write(
    conversation: int, pair: tuple[int, int], lines: tuple[Line, ...], ended: datetime, pick: Random
) -> None:
    """Numbers and changes run from one, as if each had been sent."""
    at, rows = ended, []
    for number in range(len(lines), 0, -1):
        who, body = lines[number - 1]
        sender = pair[0] if who == "c" else pair[1]
        rows.append(
            {"c": conversation, "n": number, "s": sender, "b": body, "at": at,
             "k": f"demo-{conversation}-{number:04d}"}
        )  # fmt: skip
        gap = pick.choice((1, 2, 4, 9, 25, 70, 600, 1500))
        at -= timedelta(minutes=gap, seconds=pick.randint(0, 59))
    last = rows[0]
    unread = 0 if pick.random() < 0.7 else 1
    async with transaction(Actor.system_job("messaging.seed")) as tx:
        await tx.db.execute(
            text(
                "INSERT INTO messages (conversation_id, number, change, sender_id, client_id,"
                " body, sent_at) VALUES (:c, :n, :n, :s, :k, :b, :at)"
            ),
            rows,
        )
        await tx.db.execute(
            text(
                "UPDATE conversations SET message_count = :n, change_count = :n,"
                " last_message_at = :at WHERE id = :c"
            ),
            last,
        )
        await tx.db.execute(
            text(
                "UPDATE conversation_members SET read_number = CASE WHEN user_id = :s THEN :n"
                " ELSE :n - :unread END, unread = CASE WHEN user_id = :s THEN 0 ELSE :unread END,"
                " delivered_number = :n, joined_at = :at WHERE conversation_id = :c"
            ),
            last | {"unread": unread},
        )
