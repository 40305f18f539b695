"""Stretches of a week drawn, moved and resized with a mouse or a pen.

Inside it columns carry `data-day`, stretches in them `data-at`, and their edges `data-edge`
("start" or "end"). A finger scrolls as everywhere: on a phone there is a list. Escape lets go.
"""

from typing import Any

import reflex as rx
from reflex_base.event import passthrough_event_spec
from reflex_components_core.el.elements.typography import Div

SNAP, DAY = 15, 1440


_HOOK = """useEffect(() => {
  const el = @ref.current;
  if (!el) return;
  let drag = null;
  const columns = () => [...el.querySelectorAll("[data-day]")];
  const minute = (event, column) => {
    const box = column.getBoundingClientRect();
    return (event.clientY - box.top) / box.height * @day;
  };
  const snap = (value, low, high) =>
    Math.max(low, Math.min(high, Math.round(value / @snap) * @snap));
  const show = () => {
    const { ghost, column, start, end } = drag;
    if (ghost.parentElement !== column) column.appendChild(ghost);
    ghost.style.top = `${start / @day * 100}%`;
    ghost.style.height = `${(end - start) / @day * 100}%`;
    const clock = (m) => [Math.floor(m / 60), m % 60].map((n) => `${n}`.padStart(2, "0")).join(":");
    ghost.textContent = `${clock(start)}–${clock(end)}`;
  };
  const down = (event) => {
    if (event.button !== 0 || event.pointerType === "touch") return;
    const column = event.target.closest("[data-day]");
    if (!column) return;
    const block = event.target.closest("[data-at]");
    const edge = event.target.closest("[data-edge]")?.dataset.edge || "";
    const at = minute(event, column);
    const from = Math.floor(at / @snap) * @snap;
    const start = block ? Number(block.dataset.start) : Math.min(from, @day - @snap);
    const end = block ? Number(block.dataset.end) : start + @snap;
    const ghost = document.createElement("div");
    ghost.className = "@ghost";
    drag = { column, day: column.dataset.day, at: block ? Number(block.dataset.at) : -1,
      edge, grip: at - start, first: start, start, end, was: [start, end], ghost, moved: false };
    event.preventDefault();
  };
  const move = (event) => {
    if (!drag) return;
    const now = minute(event, drag.column);
    if (drag.at < 0) {
      drag.start = Math.min(drag.first, snap(now, 0, @day));
      drag.end = Math.max(drag.first + @snap, snap(now, 0, @day));
    } else if (drag.edge === "start") {
      drag.start = snap(now, 0, drag.end - @snap);
    } else if (drag.edge === "end") {
      drag.end = snap(now, drag.start + @snap, @day);
    } else {
      const over = columns().find((one) => {
        const box = one.getBoundingClientRect();
        return event.clientX >= box.left && event.clientX < box.right;
      });
      if (over) drag.column = over;
      const length = drag.was[1] - drag.was[0];
      drag.start = snap(now - drag.grip, 0, @day - length);
      drag.end = drag.start + length;
    }
    drag.moved = true;
    show();
  };
  const letGo = () => { if (drag) drag.ghost.remove(); drag = null; };
  const up = () => {
    if (!drag) return;
    const { day, at, column, start, end, was, moved } = drag;
    letGo();
    const to = column.dataset.day;
    const same = to === day && start === was[0] && end === was[1];
    if (moved && (at < 0 || !same)) (@drawn)(Number(day), at, Number(to), start, end);
  };
  const key = (event) => { if (event.key === "Escape") letGo(); };
  el.addEventListener("pointerdown", down);
  window.addEventListener("pointermove", move);
  window.addEventListener("pointerup", up);
  window.addEventListener("keydown", key);
  return () => {
    letGo();
    el.removeEventListener("pointerdown", down);
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", up);
    window.removeEventListener("keydown", key);
  };
}, [])"""

_GHOST = (
    "pointer-events-none absolute inset-x-0.5 z-10 overflow-hidden rounded-[6px] border "
    "border-brand bg-brand-soft px-1.5 py-0.5 text-xs font-medium text-brand-ink tabular"
)


class DrawWeek(Div):
    """Calls `on_drawn(day, at, to_day, start, end)`, in minutes; `at` is -1 for a new stretch.
    Needs an `id`."""

    on_drawn: rx.EventHandler[passthrough_event_spec(int, int, int, int, int)]

    def add_imports(self) -> dict[str, Any]:
        return {"react": ["useEffect"]}

    def add_hooks(self) -> list[Any]:
        drawn = rx.Var.create(self.event_triggers["on_drawn"])
        body = _HOOK
        for name, value in (
            ("@ref", self.get_ref()), ("@drawn", drawn), ("@ghost", _GHOST),
            ("@snap", SNAP), ("@day", DAY),
        ):  # fmt: skip
            body = body.replace(name, str(value))
        return [rx.Var(body, _var_data=drawn._get_all_var_data())]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "on_drawn"]
