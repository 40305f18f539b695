"""What a person wants to hear of, where and when: one place decides it for every event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import text

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.notifications.catalogue import CHANNELS, Channel, Topic, grid, topic
from loom_app.integrations.push import vapid
from loom_app.integrations.sms import client
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid
from loom_app.kit.text import t

Digest = Literal["none", "daily", "weekly"]
DIGESTS: tuple[Digest, ...] = ("none", "daily", "weekly")
FOREVER = datetime.fromisoformat("9999-01-01T00:00Z")
SUMMARY_HOUR = 8  # in the reader's zone; weekly ones on Mondays
PAUSE_DAYS = 365

_OF = text(
    "SELECT u.zone, coalesce(w.digest, 'none') AS digest, w.quiet_from, w.quiet_until,"
    " w.paused_until, coalesce((SELECT jsonb_object_agg(c.topic || ' ' || c.channel, c.wanted)"
    "  FROM notification_choices c WHERE c.user_id = u.id), '{}') AS chosen,"
    " coalesce((SELECT jsonb_agg(jsonb_build_array(d.id, d.session_id) ORDER BY d.id)"
    "  FROM push_devices d WHERE d.user_id = u.id AND d.server_key IN ('', :key)), '[]')"
    "  AS devices,"
    " EXISTS (SELECT 1 FROM phones p WHERE p.user_id = u.id AND p.verified_at IS NOT NULL"
    "  AND p.stopped_at IS NULL) AS phone"
    " FROM users u LEFT JOIN notification_settings w ON w.user_id = u.id WHERE u.id = :person"
)
_SAVE = text(
    "INSERT INTO notification_settings (user_id, digest, quiet_from, quiet_until, paused_until)"
    " VALUES (:me, :digest, :quiet_from, :quiet_until, :paused_until)"
    " ON CONFLICT (user_id) DO UPDATE SET digest = excluded.digest,"
    " quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until,"
    " paused_until = excluded.paused_until"
)
_CHOOSE = text(
    "INSERT INTO notification_choices (user_id, topic, channel, wanted)"
    " VALUES (:me, :topic, :channel, :wanted)"
    " ON CONFLICT (user_id, topic, channel) DO UPDATE SET wanted = excluded.wanted"
)
_UNCHOOSE = text(
    "DELETE FROM notification_choices WHERE user_id = :me AND topic = :topic AND channel = :channel"
)


@dataclass(frozen=True, slots=True)
class Wishes:
    """Quiet hours are on the person's own clock and may go over midnight; `paused_until` is FOREVER
    where no end was chosen. `chosen` holds what differs from the defaults, by "topic channel";
    `devices` are the browsers that take pushes signed with our key, their sign-ins not over;
    `phone`: a number is proven, and did not stop."""

    zone: str = "UTC"
    digest: Digest = "none"
    quiet_from: time | None = None
    quiet_until: time | None = None
    paused_until: datetime | None = None
    chosen: Mapping[str, bool] | None = None
    devices: Sequence[int] = ()
    phone: bool = False

    def wants(self, about: Topic, channel: Channel) -> bool:
        """Whether this topic is told there, when nothing is paused."""
        if channel in about.fixed:
            return True
        default = channel in about.default
        return channel in about.on and (self.chosen or {}).get(f"{about.name} {channel}", default)

    @property
    def there(self) -> list[Channel]:
        """The channels that reach this person; of text messages only where there are any."""
        texted = self.phone and client.available()
        return [one for one in CHANNELS if one != "sms" or texted]

    def sums_up(self) -> bool:
        """Whether mail that may wait is gathered for a summary, which the person does get."""
        return self.digest != "none" and self.wants(topic("summary"), "mail")

    def paused(self, now: datetime) -> bool:
        return self.paused_until is not None and now < self.paused_until

    def channels(self, about: Topic, now: datetime) -> list[Channel]:
        """Where a topic is told now. A pause leaves the centre, and what is never left out."""
        wanted: list[Channel] = [one for one in self.there if self.wants(about, one)]
        if not self.paused(now):
            return wanted
        return [one for one in wanted if one == "in_app" or one in about.fixed]

    def quiet_end(self, now: datetime) -> datetime | None:
        """When the quiet hours end that `now` lies in; None outside of them."""
        if self.quiet_from is None or self.quiet_until is None:
            return None
        zone = ZoneInfo(self.zone)
        today = now.astimezone(zone).date()
        # begun yesterday or today; a clock change within moves both ends with the wall's clock
        for day in (today - timedelta(days=1), today):
            last = day if self.quiet_from < self.quiet_until else day + timedelta(days=1)
            begin = datetime.combine(day, self.quiet_from, zone)
            end = datetime.combine(last, self.quiet_until, zone)
            if begin <= now < end:
                return end.astimezone(UTC)
        return None

    def next_summary(self, since: datetime) -> datetime:
        """When what was gathered at `since` is summed up."""
        if self.digest == "none":
            return since
        zone = ZoneInfo(self.zone)
        day = since.astimezone(zone).date()
        while True:
            at = datetime.combine(day, time(SUMMARY_HOUR), zone).astimezone(UTC)
            if at > since and (self.digest == "daily" or day.weekday() == 0):
                return at
            day += timedelta(days=1)


async def of(tx: Tx, person_id: int) -> Wishes:
    """Of somebody, whoever asks: acting as a system of notifications, or of oneself."""
    row = (await tx.db.execute(_OF, {"person": person_id, "key": vapid.public_key()})).first()
    if row is None:
        return Wishes()
    found = Wishes(*row)
    return replace(found, devices=await _signed_in(tx, row.devices)) if row.devices else found


async def _signed_in(tx: Tx, devices: list[tuple[int, int | None]]) -> list[int]:
    """Those under a sign-in that is not over; the others wait for the same person to come back."""
    sessions = {session for _, session in devices if session is not None}
    async with tx.acting_as_system("accounts.session"):
        alive = await accounts.alive_sessions(tx, sessions)
    return [number for number, session in devices if session is None or session in alive]


async def mine(tx: Tx, me: Actor) -> Wishes:
    return await of(tx, me.require_person())


async def choose(tx: Tx, me: Actor, name: str, channel: Channel, *, wanted: bool) -> None:
    """One square of the grid. Raises Invalid for one that is not there to be chosen."""
    offered = {one.name for one in grid(me.roles, staff=me.is_staff)}
    about = topic(name) if name in offered else None
    if about is None or channel not in about.on - about.fixed:
        raise Invalid(t("That cannot be chosen."))
    await put(tx, me.require_person(), about, channel, wanted=wanted)


async def put(tx: Tx, person_id: int, about: Topic, channel: Channel, *, wanted: bool) -> None:
    """What differs from the default is kept; who calls has seen that it may be chosen."""
    values = {"me": person_id, "topic": about.name, "channel": channel}
    if wanted == (channel in about.default):
        await tx.db.execute(_UNCHOOSE, values)
    else:
        await tx.db.execute(_CHOOSE, {**values, "wanted": wanted})


async def save(
    tx: Tx,
    me: Actor,
    *,
    digest: Digest,
    quiet: tuple[time, time] | None,
    paused_until: datetime | None,
) -> None:
    """Raises Invalid with the field that is wrong."""
    if digest not in DIGESTS:
        raise Invalid(t("Choose from the list."), field="digest")
    if quiet is not None and quiet[0] == quiet[1]:
        raise Invalid(t("Quiet hours end at another time than they begin."), field="quiet_until")
    far = tx.now + timedelta(days=PAUSE_DAYS)
    if paused_until is not None and not (tx.now < paused_until <= far or paused_until == FOREVER):
        raise Invalid(t("Choose a time to come, within a year."), field="paused")
    await tx.db.execute(
        _SAVE,
        {
            "me": me.require_person(),
            "digest": digest,
            "quiet_from": quiet[0] if quiet else None,
            "quiet_until": quiet[1] if quiet else None,
            "paused_until": paused_until,
        },
    )
