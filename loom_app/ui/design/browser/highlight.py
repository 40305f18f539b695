"""Marks words on the page where they stand, without touching the page: the browser's own
highlights (a browser without them shows none)."""

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.typography import Div

# folded as the server folds: lower case, no accents; a word is marked where it begins as sought
_MARK = r"""useEffect(() => {
  const sought = @words, box = document.getElementById(@inside);
  if (!box || !window.Highlight) return;
  const name = "loom-found";
  const clear = () => CSS.highlights.delete(name);
  if (!sought.length) { clear(); return; }
  const fold = (w) => w.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase()
    .replaceAll("ß", "ss");
  const mark = () => {
    const ranges = [], walk = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const node = walk.currentNode;
      for (const m of node.textContent.matchAll(/[\p{L}\p{N}\u0300-\u036f]+/gu)) {
        const word = fold(m[0]);
        if (!sought.some((w) => w.length > 1 ? word.startsWith(w) : word === w)) continue;
        const range = new Range();
        range.setStart(node, m.index);
        range.setEnd(node, m.index + m[0].length);
        ranges.push(range);
      }
    }
    CSS.highlights.set(name, new Highlight(...ranges));
  };
  let waiting = 0;
  const soon = () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(mark); };
  const watcher = new MutationObserver(soon);
  watcher.observe(box, { childList: true, subtree: true, characterData: true });
  mark();
  return () => { watcher.disconnect(); cancelAnimationFrame(waiting); clear(); };
}, [JSON.stringify(@words)]);"""


class HighlightWords(Div):
    """Draws nothing. Marks in the element with the id `inside` every word that begins with one of
    `words`, which are folded."""

    words: rx.Var[list[str]]
    inside: rx.Var[str]

    def add_imports(self) -> dict[str, Any]:
        return {"react": ["useEffect"]}

    def add_hooks(self) -> list[Any]:
        body = _MARK.replace("@words", str(self.words)).replace("@inside", str(self.inside))
        data = rx.vars.VarData.merge(
            self.words._get_all_var_data(), self.inside._get_all_var_data()
        )
        return [rx.Var(body, _var_data=data)]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "words", "inside"]
