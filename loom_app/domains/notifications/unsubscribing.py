"""The foot of a mail, and ending mails of its topic by its link: without signing in, since the link
is the proof. It may do nothing else than switch this one square of the grid."""

from dataclasses import dataclass

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.notifications import wishes
from loom_app.domains.notifications.catalogue import Topic, topic
from loom_app.domains.notifications.layout import Foot
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.security import tokens
from loom_app.kit.settings import settings
from loom_app.kit.text import t

DOOR = Actor.system_job("notifications.unsubscribe")
PURPOSE = "unsubscribe"


@dataclass(frozen=True, slots=True)
class Square:
    """What a link switches: mail of a topic to a person, whether they get it now, and whether it
    stands in their list in any case."""

    person_id: int
    about: Topic
    wanted: bool
    listed: bool


def foot(about: Topic, person_id: int) -> Foot:
    """Below a mail of this topic to this person."""
    base = settings().base_url
    choices = (t("Choose what you hear of"), f"{base}/settings/notifications")
    if about.name == "links":  # there may be no account yet
        return Foot(t("You get this mail because of something that was asked for on our site."))
    if "mail" in about.fixed:
        return Foot(t("Mail about this always comes: {topic}.", topic=about.alone), (choices,))
    token = tokens.signed(f"{person_id}:{about.name}", PURPOSE)
    link = f"{base}/unsubscribe/{token}"
    why = t("You get this mail because of your choice for: {topic}.", topic=about.alone)
    return Foot(why, ((t("No more mail about this"), link), choices), link)


async def read(tx: Tx, token: str) -> Square:
    """Acting as DOOR. Raises NotFound for a link that is not ours, or leads to nothing any more."""
    value = tokens.unsigned(token, PURPOSE) or ""
    number, _, name = value.partition(":")
    try:
        about = topic(name)
    except KeyError:  # from a version that had it
        raise NotFound(_words()) from None
    if "mail" not in about.on - about.fixed:
        raise NotFound(_words())
    person = await accounts.person(tx, int(number))
    theirs = await wishes.of(tx, person.id)
    return Square(person.id, about, theirs.wants(about, "mail"), theirs.wants(about, "in_app"))


async def switch(tx: Tx, token: str, *, wanted: bool) -> Square:
    """Acting as DOOR; as often as one likes. Raises NotFound as above."""
    found = await read(tx, token)
    await wishes.put(tx, found.person_id, found.about, "mail", wanted=wanted)
    return Square(found.person_id, found.about, wanted, found.listed)


def _words() -> str:
    return t("This link is not complete. Open it from the mail once more.")
