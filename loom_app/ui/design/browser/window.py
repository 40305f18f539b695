"""The window of messages that a browser holds: what it was told, put together.

The server tells only what changed; here it is merged by id and change number, in the order of the
messages' numbers, answer by answer (`build.py`), since React may draw only the last of two. A
change that does not follow on the last one is asked for. Pages loaded by scrolling join at either
end; the window stays bounded by dropping the far end.
"""

from typing import Any

import reflex as rx
from reflex_base.event import passthrough_event_spec
from reflex_base.vars import VarData
from reflex_components_core.el.elements.typography import Div

# {conversation, rows, start, end, fresh, first, last, at}: whether the window reaches the ends of
# the conversation, how many came in while it does not reach the newest, and where to look
talk = rx._x.client_state(
    "talk",
    default={
        "conversation": 0, "rows": [], "start": False, "end": True, "fresh": 0, "first": 0,
        "last": 0, "at": 0,
    },
)  # fmt: skip

_HOLD = """const told = { feed: @feed, page: @page };
useEffect(() => {
  const blank = (conversation) => ({ conversation, change: 0, rows: [], start: false, end: true,
    fresh: 0, high: 0, at: 0, asked: 0 });
  let w = blank(0);
  const most = 800;
  const below = () => (document.getElementById("thread-scroll")?.scrollTop ?? 0) > -80;
  // drawn once for all that came together, and what others say ten times a second at most: a burst
  // leaves the page time for its own person, and is never a loop of updates
  let due = 0, drawn = -100, later = [];
  const draw = () => {
    due = 0;
    drawn = performance.now();
    refs['_client_state_setTalk']({ ...w, first: w.rows[0]?.number ?? 0,
      last: w.rows.at(-1)?.number ?? 0 });
    for (const work of later.splice(0)) setTimeout(work, 0);
  };
  const show = () => { clearTimeout(due); due = setTimeout(draw, 0); };
  const show_soon = () => { due ||= setTimeout(draw, drawn + 100 - performance.now()); };
  const ask = () => {
    if (w.asked === w.change && Date.now() - w.askedAt < 1500) return;
    w.asked = w.change;
    w.askedAt = Date.now();
    (@on_gap)(w.change);
  };
  const merge = (rows, fits) => {
    const known = new Map(w.rows.map((m) => [m.id, m]));
    for (const m of rows) {
      const old = known.get(m.id);
      if (old ? m.change >= old.change : fits(m)) known.set(m.id, m);
    }
    w.rows = [...known.values()].sort((a, b) => a.number - b.number);
  };
  const inside = (m) => {
    const last = w.rows.at(-1)?.number ?? 0;
    if (m.number > last && !w.end) {
      if (m.number > w.high && !m.mine) w.fresh += 1;
      w.high = Math.max(w.high, m.number);
      return false;
    }
    return m.number > last || w.start || m.number > (w.rows[0]?.number ?? 0);
  };
  const whole = (f) => {
    const last = w.rows.at(-1)?.number ?? 0, first = w.rows[0]?.number ?? 0;
    const meets = w.end && f.rows.length > 0 && f.rows[0].number <= last + 1;
    const covers = f.rows.length === 0 || f.start || first >= f.rows[0].number;
    if (f.reset || !w.rows.length || (w.end && (covers || !meets))) {
      w = { ...blank(f.conversation), rows: f.rows, start: f.start, change: f.change };
    } else {
      if (w.end) merge(f.rows, inside);
      if (w.change < f.change) ask();
    }
  };
  const take = (f) => {
    if (!f.conversation) { w = blank(0); return show(); }
    const news = f.conversation === w.conversation && !f.whole;
    if (f.conversation !== w.conversation) w = blank(f.conversation);
    if (f.whole) whole(f);
    else {
      merge(f.rows, inside);
      if (f.gone.length) w.rows = w.rows.filter((m) => !f.gone.includes(m.id));
      if (f.after > w.change) ask();
      else w.change = Math.max(w.change, f.change);
    }
    if (w.rows.length > most && w.end && below()) {
      w.rows = w.rows.slice(-most / 2);
      w.start = false;
    }
    (news ? show_soon : show)();
  };
  const turn = (p) => {
    if (!p.turn || p.conversation !== w.conversation) return;
    const there = w.rows.some((m) => m.number === p.at) && (w.end || !p.end);
    if (p.edge === "around" && !there) {
      w = { ...w, rows: p.rows, start: p.start, end: p.end, at: p.at, fresh: 0,
        high: Math.max(w.high, w.rows.at(-1)?.number ?? 0) };
    } else if (p.edge !== "around" &&
        p.asked === (p.edge === "before" ? w.rows[0]?.number : w.rows.at(-1)?.number)) {
      merge(p.rows, () => true);
      if (p.edge === "before") {
        w.start = p.start;
        if (w.rows.length > most) { w.rows = w.rows.slice(0, most); w.end = false; }
      } else {
        w.end = p.end;
        if (p.end) w.fresh = 0;
        if (w.rows.length > most) { w.rows = w.rows.slice(-most); w.start = false; }
      }
    }
    show();
    if (p.at) setTimeout(() => {
      const row = document.getElementById(`m${p.at}`);
      row?.scrollIntoView({ block: "center" });
      row?.animate([{ background: "var(--color-brand-soft)" }, { background: "none" }], 1500);
    }, 60);
  };
  // each answer once, whether it is told or was there before this was
  const known = new WeakSet();
  const once = (work) => (one) => { if (!known.has(one)) { known.add(one); work(one); } };
  const [once_take, once_turn] = [once(take), once(turn)];
  refs['loom_talk'] = { take: once_take, turn: once_turn, rows: () => w.rows,
    after_drawing: (work) => due ? later.push(work) : setTimeout(work, 0) };
  refs['loom_told'] = (state, values) => {
    if (state !== "@state") return;
    if (values["@the_page"]) once_turn(values["@the_page"]);
    if (values["@the_feed"]) once_take(values["@the_feed"]);
  };
  return () => {
    delete refs['loom_told'];
    if (due) { clearTimeout(due); draw(); }  // later, it would draw over the next conversation
  };
}, []);
useEffect(() => { refs['loom_talk'].turn(told.page); }, [told.page]);
useEffect(() => { refs['loom_talk'].take(told.feed); }, [told.feed]);"""


class Window(Div):
    """Draws nothing. `feed` and `page` are `ui.chat.feed`'s; `on_gap(change)` asks for everything
    after a change. A page is older than a feed that came with it, so it is put in first."""

    feed: rx.Var[Any]
    page: rx.Var[Any]
    on_gap: rx.EventHandler[passthrough_event_spec(int)]

    def add_imports(self) -> dict[str, Any]:
        return {"react": ["useEffect"], "$/utils/state": ["refs"]}

    def add_hooks(self) -> list[Any]:
        gap = rx.Var.create(self.event_triggers["on_gap"])
        feed = str(self.feed).rpartition(".")[2]
        shown = self.feed._get_all_var_data()
        assert shown is not None  # noqa: S101 - a var of a State
        body = (
            _HOLD.replace("@feed", str(self.feed))
            .replace("@page", str(self.page))
            .replace("@on_gap", str(gap))
            .replace("@state", shown.state)
            .replace("@the_page", str(self.page).rpartition(".")[2])
            .replace("@the_feed", feed)
        )
        data = VarData.merge(
            talk._get_all_var_data(),
            gap._get_all_var_data(),
            self.feed._get_all_var_data(),
            self.page._get_all_var_data(),
        )
        return [rx.Var(body, _var_data=data)]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "feed", "page", "on_gap"]


def held(name: str, kind: type) -> Any:
    """One part of the window as a var: `held("rows", list[MessageView])`."""
    return rx.Var(f"{talk.value!s}.{name}", _var_data=talk.value._get_all_var_data()).to(kind)


def leads(rows: rx.Var, index: rx.Var) -> rx.Var:
    """Whether a row is the first of a run: of another person, another day, or five minutes on."""
    run = "p.sender_id === m.sender_id && p.date === m.date && m.at - p.at <= 300"
    return _beside(rows, index, f"!p || p.kind === 'system' || !({run})").to(bool)


def day_of(rows: rx.Var, index: rx.Var) -> rx.Var:
    """The name of the day above its first message, else nothing."""
    return _beside(rows, index, "!p || p.date !== m.date ? m.day : ''").to(str)


def begins_at(rows: rx.Var, index: rx.Var, number: rx.Var) -> rx.Var:
    """Whether a row is the first shown from a number on; never for number 0."""
    first = f"{number!s} > 0 && m.number >= {number!s} && (!p || p.number < {number!s})"
    return _beside(rows, index, first, number).to(bool)


def _beside(rows: rx.Var, index: rx.Var, words: str, *more: rx.Var) -> rx.Var:
    """An expression over a row `m` and the one before it, `p`."""
    data = VarData.merge(*(var._get_all_var_data() for var in (rows, index, *more)))
    body = f"((p, m) => {words})({rows!s}[{index!s} - 1], {rows!s}[{index!s}])"
    return rx.Var(body, _var_data=data)


def readers_of_last(readers: rx.Var) -> rx.Var:
    """The names of whom has read the newest row, but for its writer, given {name: number}."""
    data = VarData.merge(readers._get_all_var_data(), talk.value._get_all_var_data())
    newest = f"{talk.value!s}.rows.at(-1)"
    has_read = f"([name, n]) => n >= {newest}?.number && name !== {newest}.name"
    names = f"Object.entries({readers!s}).filter({has_read}).map(([name]) => name)"
    return rx.Var(f"{names}.join(', ')", _var_data=data).to(str)
