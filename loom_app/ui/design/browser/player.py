"""A voice note that is heard: play and pause, the wave as the way to move in it, the time.

Nothing of it is state: while it plays only this element is drawn anew.
"""

from typing import Any

import reflex as rx
from reflex_base.vars import VarData
from reflex_components_core.el.elements.typography import Div

_PLAY = """useEffect(() => {
  const root = @ref.current;
  if (!root) return;
  const [audio, range, button, clock, wave] = ["audio", "input", "button", "[data-clock]",
    "[data-wave]"].map((one) => root.querySelector(one));
  const seconds = @seconds, peaks = @peaks;
  const bars = peaks.length ? peaks : [50];
  const edge = (side) => bars.flatMap((peak, i) => {
    const [a, b] = [100 * (i + 0.15) / bars.length, 100 * (i + 0.85) / bars.length];
    const y = 50 + side * Math.max(4, peak / 2);
    return [`${a}% 50%`, `${a}% ${y}%`, `${b}% ${y}%`, `${b}% 50%`];
  });
  wave.style.clipPath = `polygon(${[...edge(-1), ...edge(1).reverse()].join(",")})`;
  // a recording of the browser does not say how long it is before it was heard to its end
  const whole = () => Number.isFinite(audio.duration) ? audio.duration : seconds || 1;
  const said = (s) => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")}`;
  const draw = () => {
    const at = audio.ended ? 0 : audio.currentTime, part = Math.min(1, at / whole());
    root.style.setProperty("--played", `${100 * part}%`);
    if (document.activeElement !== range || !audio.paused) range.value = 100 * part;
    range.setAttribute("aria-valuetext", said(at));
    clock.textContent = said(at || !audio.paused ? at : seconds || whole());
    root.toggleAttribute("data-playing", !audio.paused && !audio.ended);
    button.setAttribute("aria-pressed", `${!audio.paused && !audio.ended}`);
  };
  const toggle = () => {
    if (!audio.paused) return audio.pause();
    document.querySelectorAll("audio").forEach((other) => other !== audio && other.pause());
    audio.play().catch(() => root.setAttribute("data-failed", ""));
  };
  const move = () => { audio.currentTime = whole() * range.value / 100; draw(); };
  const failed = () => root.setAttribute("data-failed", "");
  const ways = [[button, "click", toggle], [range, "input", move], [audio, "error", failed],
    ...["play", "pause", "ended", "timeupdate", "durationchange"].map((on) => [audio, on, draw])];
  ways.forEach(([on, what, act]) => on.addEventListener(what, act));
  draw();
  return () => ways.forEach(([on, what, act]) => on.removeEventListener(what, act));
}, []);"""


class Player(Div):
    """Around an `audio`, a `button`, a range `input`, and elements marked `data-clock` and
    `data-wave`. Sets `data-playing` and `data-failed` on itself, and `--played` for its wave."""

    seconds: rx.Var[int]
    peaks: rx.Var[list[int]]

    def add_imports(self) -> dict[str, Any]:
        return {"react": ["useEffect"]}

    def add_hooks(self) -> list[Any]:
        body = (
            _PLAY.replace("@ref", str(self.get_ref()))
            .replace("@seconds", str(self.seconds))
            .replace("@peaks", str(self.peaks))
        )
        data = VarData.merge(self.seconds._get_all_var_data(), self.peaks._get_all_var_data())
        return [rx.Var(body, _var_data=data)]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "seconds", "peaks"]
