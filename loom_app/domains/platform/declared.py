"""Every feature that can be turned on and off, and who answers for it. Asked for by `flags`."""

from dataclasses import dataclass
from functools import cache

from loom_app.kit.text import t


@dataclass(frozen=True, slots=True)
class Flag:
    """`owner` answers for it and takes it out of the code in the end; `usual` holds while nobody
    has chosen anything."""

    name: str
    title: str
    words: str
    owner: str
    usual: bool


@cache
def declared() -> dict[str, Flag]:
    """Every feature that can be turned on and off."""
    found = (
        Flag(
            "embed",
            t("Booking on coaches’ own sites"),
            t("The frame for other sites, by coach: its page, and where its HTML is copied."),
            owner="scheduling",
            usual=True,
        ),
        Flag(
            "packages",
            t("Sale of packages"),
            t("By client: buying several sessions at once. What is bought stays."),
            owner="packages",
            usual=True,
        ),
    )
    return {one.name: one for one in found}
