"""The current person's values that frames draw, from the one State that knows them."""

from dataclasses import dataclass
from typing import Any

from loom_app.ui.session import Viewer


@dataclass(frozen=True, kw_only=True)
class Me:
    """Vars, handed to frames, so that a frame can be drawn with made-up values too."""

    signed_in: Any
    name: Any
    initials: Any
    hue: Any
    avatar_url: Any
    is_coach: Any
    standing: Any = ""
    powers: Any
    lacks_factor: Any = False
    leaving: Any
    losing: Any = ""
    unread: Any
    notices: Any = 0
    zone: Any


def current() -> Me:
    me = Viewer.me
    return Me(
        signed_in=Viewer.signed_in,
        name=me.name,
        initials=me.initials,
        hue=me.hue,
        avatar_url=me.avatar_url,
        is_coach=Viewer.is_coach,
        standing=Viewer.standing,
        powers=Viewer.powers,
        lacks_factor=Viewer.lacks_factor,
        leaving=Viewer.leaving,
        losing=Viewer.losing,
        unread=Viewer.unread,
        notices=Viewer.notices,
        zone=Viewer.zone,
    )
