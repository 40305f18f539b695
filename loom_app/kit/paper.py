"""Sheets of paper as PDF: one typeface for Latin, Greek, Cyrillic and Devanagari, and others of the
same family for names in Arabic, Hebrew, Chinese, Japanese and Korean.

The fonts are static cuts of Noto Sans (OFL, beside them): cutting them from the variable font takes
seconds, reading them a tenth of one. The others are read only where a name needs one.
"""

from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path

from fpdf import FPDF

from loom_app.kit.settings import settings

FONTS = Path(__file__).parent / "fonts"
INK, SOFT, LINE = (43, 39, 36), (107, 99, 91), (221, 214, 205)
Row = tuple[str, str]
# from one character to another; Arabic and Hebrew are shaped and run from right to left
_SCRIPTS: dict[str, tuple[tuple[int, int], ...]] = {
    "Hebrew": ((0x590, 0x5FF), (0xFB1D, 0xFB4F)),
    "Arabic": ((0x600, 0x6FF), (0x750, 0x77F), (0x8A0, 0x8FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFE)),
    "CJK": (
        *((0x1100, 0x11FF), (0x2E80, 0x9FFF), (0xAC00, 0xD7FF), (0xF900, 0xFAFF)),
        *((0xFE30, 0xFE4F), (0xFF00, 0xFFEF), (0x20000, 0x3FFFF)),
    ),
}
_FILES = {
    "Hebrew": FONTS / "noto-sans-hebrew.ttf",
    "Arabic": FONTS / "noto-sans-arabic.ttf",
    "CJK": Path(str(files("noto_cjk_sans_jp_regular"))) / "NotoSansCJKjp-Regular.otf",
}


class Paper(FPDF):
    """A4 with the mark above and a line of small print below; measures in millimetres. Pages of
    what may have several are `numbered`."""

    def __init__(self, title: str, foot: str, *, numbered: bool = False) -> None:
        super().__init__(format="A4")
        self.foot, self.more = foot, set[str]()
        self.numbered = numbered
        self.add_font("Noto", "", FONTS / "noto-sans-regular.ttf")
        self.add_font("Noto", "B", FONTS / "noto-sans-semibold.ttf")
        self.set_title(title)
        self.set_creator(settings().brand_name)
        self.set_margins(22, 20, 22)
        self.set_auto_page_break(True, margin=24)
        self.add_page()

    def normalize_text(self, text: str) -> str:
        """Every text passes here before it is set: what its script needs is at hand then."""
        needed = {name for name, spans in _SCRIPTS.items() if _has(text, spans)}
        for name in sorted(needed - self.more):
            self.add_font(name, "", _FILES[name])
            self.more.add(name)
            self.set_fallback_fonts(sorted(self.more), exact_match=False)
        if needed:  # else fpdf2 takes the other font for the page's own, and keeps it
            self.text(self.x, self.y, " ")
        self.set_text_shaping(bool(needed & {"Arabic", "Hebrew"}))
        return super().normalize_text(text)

    def header(self) -> None:
        self._write(settings().brand_name, 13, bold=True)
        self.ln(14)

    def footer(self) -> None:
        self.set_y(-18)
        self._write(self.foot, 8, soft=True, width=self.epw - 20, height=4)
        if self.numbered:
            self.cell(20, 4, f"{self.page_no()}/{{nb}}", align="R")

    def heading(self, words: str, note: str) -> None:
        """The first thing on the sheet, and what kind of sheet it is."""
        self._write(words, 20, bold=True, height=10)
        self.ln(10)
        self._write(note, 10, soft=True, height=6)
        self.ln(12)

    def blocks(self, blocks: Sequence[tuple[str, str]]) -> None:
        """Addresses beside each other: a small title, then lines."""
        top, width = self.get_y(), self.epw / len(blocks)
        lowest = top
        for number, (title, words) in enumerate(blocks):
            self.set_xy(self.l_margin + number * width, top)
            self._write(title, 9, soft=True, width=width - 6, height=5)
            self.set_xy(self.l_margin + number * width, top + 6)
            self._look(10, bold=False, soft=False)
            self.multi_cell(width - 6, 5.2, words, align="L")
            lowest = max(lowest, self.get_y())
        self.set_xy(self.l_margin, lowest + 10)

    def sums(self, rows: Sequence[Row], total: Row) -> None:
        """What it was for, and what it comes to; figures to the right."""
        for words, figure in rows:
            self._row(words, figure, bold=False)
        self._row(*total, bold=True)
        self.ln(6)

    def section(self, words: str) -> None:
        """A part of the sheet begins; never at the foot of a page."""
        if self.will_page_break(40):
            self.add_page()
        self._write(words, 13, bold=True, height=8)
        self.ln(9)

    def columns(
        self, head: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[float]
    ) -> None:
        """Lines in columns of these widths, one of which is 0 and takes the rest: it may wrap,
        and figures follow it. The head stands on each page."""
        given = [width or self.epw - sum(widths) for width in widths]
        wide = widths.index(0)
        self._cells(head, given, wide, soft=True)
        for row in rows:
            if self.will_page_break(14):
                self.add_page()
                self._cells(head, given, wide, soft=True)
            self._cells(row, given, wide, soft=False)
        self.ln(8)

    def _cells(self, row: Sequence[str], widths: Sequence[float], wide: int, *, soft: bool) -> None:
        self._look(8, bold=False, soft=soft)
        top, left = self.get_y() + 1.6, self.l_margin
        for number, (words, width) in enumerate(zip(row, widths, strict=True)):
            self.set_xy(left, top)
            if number != wide:
                self.cell(width, 4.4, words, align="R" if number > wide else "L")
            left += width
        self.set_xy(self.l_margin + sum(widths[:wide]), top)
        self.multi_cell(widths[wide], 4.4, row[wide], align="L")
        self._rule(self.get_y() + 1.6)

    def words(self, text: str) -> None:
        self._look(9, bold=False, soft=True)
        self.multi_cell(self.epw, 5, text, align="L", new_x="LMARGIN", new_y="NEXT")
        self.ln(2)

    def bytes(self) -> bytes:
        return bytes(self.output())

    def _row(self, words: str, figure: str, *, bold: bool) -> None:
        self._look(10, bold=bold, soft=False)
        top = self.get_y() + 2.5
        self.set_xy(self.l_margin, top)
        self.multi_cell(self.epw - 40, 5.2, words, align="L")
        bottom = self.get_y()
        self.set_xy(self.l_margin + self.epw - 40, top)
        self.cell(40, 5.2, figure, align="R")
        self._rule(bottom + 2.5)

    def _rule(self, at: float) -> None:
        self.set_draw_color(*LINE)
        self.set_line_width(0.2)
        self.line(self.l_margin, at, self.l_margin + self.epw, at)
        self.set_xy(self.l_margin, at)

    def _write(
        self,
        words: str,
        size: int,
        *,
        bold: bool = False,
        soft: bool = False,
        width: float = 0,
        height: float = 7,
    ) -> None:
        self._look(size, bold=bold, soft=soft)
        self.cell(width, height, words)

    def _look(self, size: int, *, bold: bool, soft: bool) -> None:
        self.set_font("Noto", "B" if bold else "", size)
        self.set_text_color(*(SOFT if soft else INK))


def _has(text: str, spans: Sequence[tuple[int, int]]) -> bool:
    return any(first <= ord(character) <= last for character in text for first, last in spans)
