"""How a client wants to pay."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Way:
    """On Stripe's page unless `method_id` names a card that is saved; `save_card` keeps the card
    that is typed on the page; `use_credit` takes what the client has of it first."""

    method_id: int | None = None
    save_card: bool = False
    use_credit: bool = False


ON_THE_PAGE = Way()
