"""Portraits for the demo, drawn from a number: flat shapes, warm colours, no two alike.

`python -m loom_app.cli.demo.faces` writes them into assets, where they are kept in git.
"""

from random import Random

from loom_app.cli.demo.people import CLIENTS, COACHES
from loom_app.kit.settings import ROOT

FOLDER = ROOT / "assets" / "demo" / "faces"
SKIN = ("#f3d3b8", "#e6b48f", "#d49a6f", "#b87a50", "#8f5a3a", "#6b4229")
HAIR = ("#2b211c", "#4a3326", "#7a4e2d", "#b5793e", "#d9a860", "#8d8a86", "#1e1b22", "#93402b")
CLOTH = ("#2f6f6d", "#c9744a", "#5a6b8c", "#8a5a6d", "#6c7f4f", "#3f4a5a", "#b98b3e", "#a34d4d")
GROUND = ("#dfe9e4", "#f2e2d2", "#e3e1ee", "#efe0df", "#e6ead6", "#dbe5ec", "#f0ead6")


# tones and hair that a name and a place suggest
_LOOKS = {
    "Africa": (SKIN[4:], HAIR[:1]),
    "Asia": (SKIN[2:4], HAIR[:2]),
    "Asia/Tokyo": (SKIN[:2], HAIR[6:7]),
    "America": (SKIN[1:4], HAIR[:4]),
    "Europe": (SKIN[:2], HAIR),
    "Australia": (SKIN[:2], HAIR[2:]),
}
_ELSEWHERE = {"Ben": "Africa", "Amelia": "Europe", "Paul": "Asia/Tokyo"}


def face(seed: int, place: str, *, long_hair: bool, grey: bool = False) -> str:
    """An SVG of 160 by 160."""
    pick = Random(seed * 7919 + 13)  # noqa: S311 - pictures, not secrets
    skins, hairs = _LOOKS.get(place) or _LOOKS[place.split("/", maxsplit=1)[0]]
    skin, cloth, ground = pick.choice(skins), pick.choice(CLOTH), pick.choice(GROUND)
    hair = "#a5a29d" if grey else pick.choice(hairs)
    parts = [
        f'<rect width="160" height="160" fill="{ground}"/>',
        f'<circle cx="{pick.randint(100, 130)}" cy="30" r="46" fill="#fff" opacity=".35"/>',
    ]
    if long_hair:
        drop = pick.randint(104, 124)
        parts.append(
            f'<path d="M44 70C40 30 62 22 80 22s40 8 36 48l2 {drop - 70}H42z" fill="{hair}"/>'
        )
    parts += [
        f'<path d="M18 160c2-34 26-48 62-48s60 14 62 48z" fill="{cloth}"/>',
        f'<path d="M66 92h28v24c0 10-28 10-28 0z" fill="{skin}"/>',
        '<path d="M66 104c8 7 20 7 28 0v6c-8 7-20 7-28 0z" fill="#000" opacity=".12"/>',
        f'<ellipse cx="80" cy="72" rx="27" ry="33" fill="{skin}"/>',
        _features(pick),
        _front(pick, hair, long_hair=long_hair),
    ]
    if not long_hair and pick.random() < 0.45:
        parts.append(
            f'<path d="M54 78c2 22 14 30 26 30s24-8 26-30c-2 10-8 14-14 12-6-3-18-3-24 0-6 2-12-2'
            f'-14-12z" fill="{hair}" opacity=".9"/>'
        )
    if pick.random() < 0.35:
        parts.append(
            '<g fill="none" stroke="#3a322d" stroke-width="2.4"><circle cx="69" cy="72" r="8.5"/>'
            '<circle cx="91" cy="72" r="8.5"/><path d="M77.5 71q2.500-2 5 0"/></g>'
        )
    if pick.random() < 0.5:
        parts.append('<path d="M62 117l18 16 18-16" fill="none" stroke="#fff" stroke-width="5"'
                     ' stroke-linejoin="round" opacity=".75"/>')  # fmt: skip
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 160" width="160" height="160">'
        + "".join(parts)
        + "</svg>\n"
    )


def _features(pick: Random) -> str:
    smile = pick.randint(3, 7)
    brow = pick.randint(0, 2)
    return (
        '<g fill="#2b2320"><ellipse cx="69" cy="72" rx="2.600" ry="3.200"/>'
        '<ellipse cx="91" cy="72" rx="2.600" ry="3.200"/></g>'
        '<g fill="none" stroke="#2b2320" stroke-width="2.400" stroke-linecap="round">'
        f'<path d="M64 {63 - brow}q5-3 10-1M86 {62 - brow}q5-2 10 1" opacity=".7"/>'
        f'<path d="M71 89q9 {smile} 18 0" stroke="#7a3b34"/>'
        '<path d="M80 74q-3 6 0 8" opacity=".35"/></g>'
        '<g fill="#e07a5f" opacity=".22"><circle cx="61" cy="83" r="5"/>'
        '<circle cx="99" cy="83" r="5"/></g>'
    )


def _front(pick: Random, hair: str, *, long_hair: bool) -> str:
    if long_hair:
        shapes = (
            "M52 70c0-30 14-38 28-38s28 8 28 38c-4-16-12-24-22-26-12 2-30 8-34 26z",
            "M52 72c-2-32 14-40 28-40s30 8 28 40c-2-18-10-26-28-27-18 1-26 9-28 27z",
            "M53 66c2-26 14-34 29-34 14 0 25 10 25 36-6-14-14-20-20-22-8 8-22 14-34 20z",
        )
    else:
        shapes = (
            "M52 68c-4-30 12-40 30-40 16 0 30 10 26 40-2-10-4-16-8-20-12 2-30 2-40-2-4 6-6 9-8 22z",
            "M53 64c-2-22 10-32 27-32s29 10 27 32c-4-10-8-14-12-16-10 4-22 4-32 0-4 3-7 7-10 16z",
            "M52 66c-8-24 8-42 32-40 14-4 28 12 24 40-3-8-5-14-10-18-14 6-28 0-36-2-5 6-8 9-10 20z",
        )
    return f'<path d="{pick.choice(shapes)}" fill="{hair}"/>'


# who wears long hair and who has gone grey, so that names and faces agree
_LONG = {
    "Ada", "Priya", "Sofia", "Hannah", "Chloé", "Grace", "Noor", "Cleo", "Amelia", "Yuki",
    "Lena", "Isabel", "Maya", "Zoe", "Elena", "Nina", "Freya", "Anika", "Ruth", "Clara",
    "Tara", "Mia",
}  # fmt: skip
_GREY = frozenset({"Tom", "Grace", "Henrik", "Ruth"})


def address(name: str) -> str:
    """Where the app finds the portrait of a demo person."""
    return f"/demo/faces/{_file(name)}"


def _file(name: str) -> str:
    return name.split(maxsplit=1)[0].lower().replace("é", "e") + ".svg"


def write() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    people = [(coach.name, coach.zone) for coach in COACHES] + list(CLIENTS[::2])
    for seed, (name, zone) in enumerate(people, start=1):
        first = name.split()[0]
        place = _ELSEWHERE.get(first, zone)
        drawing = face(seed, place, long_hair=first in _LONG, grey=first in _GREY)
        (FOLDER / _file(name)).write_text(drawing)


if __name__ == "__main__":
    write()
