"""What can be done with packages."""

from loom_app.domains.packages.actions.buying import Purchase, bought, buy
from loom_app.domains.packages.actions.ending import (
    answer_no,
    ask_back,
    dispute_over,
    disputed,
    give_back,
)
from loom_app.domains.packages.actions.offers import archive, make, restore, save
from loom_app.domains.packages.actions.running import expire, to_expire, warn
from loom_app.domains.packages.actions.using import (
    Booked,
    CameBack,
    came_off,
    coach_missed,
    earn,
    use,
)
from loom_app.domains.packages.rules import OfferEdit

__all__ = [
    "Booked",
    "CameBack",
    "OfferEdit",
    "Purchase",
    "answer_no",
    "archive",
    "ask_back",
    "bought",
    "buy",
    "came_off",
    "coach_missed",
    "dispute_over",
    "disputed",
    "earn",
    "expire",
    "give_back",
    "make",
    "restore",
    "save",
    "to_expire",
    "use",
    "warn",
]
