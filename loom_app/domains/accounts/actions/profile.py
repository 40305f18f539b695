"""One's own profile and picture."""

from dataclasses import dataclass

from loom_app.domains.accounts import events, rules
from loom_app.domains.accounts.models import (
    User,
)
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid, NotFound
from loom_app.kit.i18n.times import check_zone
from loom_app.kit.text import t

THEMES = frozenset({"system", "light", "dark"})


@dataclass(frozen=True, slots=True)
class ProfileEdit:
    name: str
    zone: str
    pronouns: str = ""
    bio: str = ""


async def save_profile(tx: Tx, me: Actor, edit: ProfileEdit) -> None:
    """Raises Invalid by field."""
    user = await tx.db.get(User, me.require_person())
    if user is None:
        raise NotFound
    user.name = rules.clean_name(edit.name)
    user.zone = check_zone(edit.zone)
    user.pronouns = edit.pronouns.strip()[:40]
    user.bio = edit.bio.strip()[:2000]
    await tx.db.flush()
    assert user.id is not None  # noqa: S101
    await tx.emit(events.ProfileChanged(user.id))
    tx.signal(f"person:{user.id}:profile")


async def set_theme(tx: Tx, me: Actor, theme: str) -> None:
    """Light, dark, or as the device says, on every device of the person. Raises Invalid."""
    if theme not in THEMES:
        raise Invalid(t("Choose light, dark or automatic."))
    user = await tx.db.get(User, me.require_person())
    if user is None:
        raise NotFound
    user.theme = theme
    await tx.db.flush()
    tx.signal(f"person:{user.id}:profile")


async def set_avatar(tx: Tx, me: Actor, key: str) -> str:
    """Replace the picture by its storage key ("" removes it); returns the former key."""
    user = await tx.db.get(User, me.require_person())
    if user is None:
        raise NotFound
    former, user.avatar = user.avatar, key
    await tx.db.flush()
    assert user.id is not None  # noqa: S101
    await tx.emit(events.ProfileChanged(user.id))
    tx.signal(f"person:{user.id}:profile")
    return former
