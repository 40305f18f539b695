"""What a list of the admin page is: its columns, who may see it, and where its rows lead."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """`kind`: text, number, numbers, decimal, time, yes or money (minor units, with the row's
    `currency`). `found`: the search looks into it. `wide`: on the page of one row only."""

    name: str
    label: str
    kind: str = "text"
    found: bool = False
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """From a row to the rows of another list whose `column` is (or, of numbers, has) what stands in
    this row's `by`; with no column, to the one row, or rows, that `by` names."""

    title: str
    key: str
    by: str = "id"
    column: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """`system` reads its rows, for who has the permission. `personal`: that staff looked at one row
    stands in the trail, by the subject that is named. `blind`: its statement leaves out what is
    about whoever looks, `:me`. `page`: where something is done about a row, with its number at the
    end: permission, words, address."""

    key: str
    area: str
    title: str
    one: str
    permission: str
    system: str
    sql: str
    columns: tuple[Column, ...]
    personal: str = ""
    blind: bool = False
    links: tuple[Link, ...] = ()
    page: tuple[str, str, str] | None = None

    @property
    def names(self) -> list[str]:
        return ["id", *(one.name for one in self.columns)]
