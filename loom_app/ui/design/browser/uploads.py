"""Files on their way to a conversation: chosen, dropped or pasted, shown with their progress.

Each is streamed to a route of ours as soon as it is there, two at a time; sending a message takes
the ids of those that arrived. What failed stays and can be sent again, also when the network is
back. The list outlives a change of conversation: uploads go on, each in its own.
"""

from typing import Any

import reflex as rx
from reflex_base.vars import VarData
from reflex_components_core.el.elements.forms import Input

# {key, conversation, name, bytes, state, progress, problem, final, id, preview, voice}, where state
# is waiting, sending, done or failed, and `final` says that trying again is of no use
tray = rx._x.client_state("tray", default=[])
dragging = rx._x.client_state("dragging", default=False)

_BRING = """const bringing = {
  conversation: @conversation, most: @most, count: @count, words: @words };
useEffect(() => {
  const input = @ref.current;
  if (!input) return;
  const { conversation, most, count, words } = bringing;
  const list = () => refs['loom_tray'] ?? [];
  const keep = (items) => {
    refs['loom_tray'] = items;
    refs['_client_state_setTray'](items.map(({ file, ask, ...item }) => item));
  };
  const change = (key, values) =>
    keep(list().map((one) => one.key === key ? { ...one, ...values } : one));
  const remove = (key) => {
    const one = list().find((item) => item.key === key);
    if (!one) return;
    keep(list().filter((item) => item.key !== key));
    one.ask?.abort();
    if (one.blob) URL.revokeObjectURL(one.blob);
    return one;
  };
  const discard = (key) => {
    const one = remove(key);
    if (one?.id) fetch(`${@url}/${one.id}/discard`, { method: "POST" }).catch(() => {});
    next();
  };
  const arrived = (key, said) => {
    refs['loom_brought'] = { ...refs['loom_brought'], [said.id]: said };
    change(key, { state: "done", id: said.id, preview: said.thumb, ask: null });
    const one = list().find((item) => item.key === key);
    if (!one?.send) return;
    remove(key);
    refs['loom_outbox'].add(one.conversation, "", { files: [said.id] });
  };
  const next = () => {
    const one = list().find((item) => item.state === "waiting");
    if (!one) settled();
    if (!one || list().filter((item) => item.state === "sending").length >= 2) return;
    const ask = new XMLHttpRequest();
    change(one.key, { state: "sending", progress: 0, problem: "", lost: false, ask });
    const failed = (problem, values) =>
      change(one.key, { state: "failed", problem, ask: null, ...values });
    ask.upload.onprogress = (e) =>
      change(one.key, { progress: Math.floor(100 * e.loaded / (e.total || 1)) });
    ask.onload = () => {
      let said = {};
      try { said = JSON.parse(ask.responseText) } catch { /* the gate speaks plainly */ }
      if (ask.status === 200) arrived(one.key, said);
      else failed(said.error ?? words.failed, { final: [413, 422].includes(ask.status) });
      next();
    };
    ask.onerror = () => { failed(words.lost, { lost: true }); next(); };
    const about = { conversation: one.conversation, name: one.name, ...one.more };
    ask.open("POST", `${@url}?${new URLSearchParams(about)}`);
    ask.send(one.file);
    next();
  };
  const shown = /^image\\/(png|jpeg|gif|webp|avif)$/;
  const add = (files, { more = {}, send = false, at = conversation } = {}) => {
    for (const file of files) {
      const many = list().filter((one) => one.conversation === at && !one.send).length >= count;
      const problem = file.size > most ? words.large : many && !send ? words.many : "";
      const blob = !problem && shown.test(file.type) ? URL.createObjectURL(file) : "";
      keep([...list(), { key: crypto.getRandomValues(new Uint32Array(2)).join("-"), file, more,
        send, conversation: at, name: file.name, bytes: file.size, voice: !!more.voice, id: 0,
        progress: 0, state: problem ? "failed" : "waiting", problem, final: !!problem, blob,
        preview: blob }]);
    }
    next();
  };
  const retry = (key) => { change(key, { state: "waiting", problem: "" }); next(); };
  const mine = () => list().filter((one) => one.conversation === conversation && !one.send);
  const busy = () => mine().some((one) => ["waiting", "sending"].includes(one.state));
  let wished = null;
  const settled = () => {
    if (!wished || busy()) return;
    const act = wished, whole = !mine().some((one) => one.state === "failed");
    wished = null;
    if (whole) act();
  };
  refs['loom_uploads'] = {
    add, discard, retry, busy,
    choose: () => input.click(),
    after: (act) => { wished = act; },
    take: () => {
      const done = mine().filter((one) => one.state === "done");
      done.forEach((one) => remove(one.key));
      return done.map((one) => one.id);
    },
  };
  // so that Enter sends; on touch the keyboard would hide what was chosen
  const write = () => {
    if (!window.matchMedia("(pointer: coarse)").matches) document.getElementById(@beside)?.focus();
  };
  const chosen = () => { add([...input.files]); input.value = ""; write(); };
  const holds = (e) => conversation > 0 && [...(e.dataTransfer?.types ?? [])].includes("Files");
  const drag = (is) => refs['_client_state_setDragging'](is);
  const over = (e) => { if (holds(e)) { e.preventDefault(); drag(true); } };
  const left = (e) => { if (!e.relatedTarget) drag(false); };
  const drop = (e) => {
    drag(false);
    if (!holds(e)) return;
    e.preventDefault();
    add([...e.dataTransfer.files]);
    write();
  };
  const paste = (e) => {
    const held = e.clipboardData;
    if (!conversation || !held?.files.length || held.types.includes("text/plain")) return;
    e.preventDefault();
    add([...held.files]);
  };
  const online = () => list().filter((one) => one.lost).forEach((one) => retry(one.key));
  const ways = [[input, "change", chosen], [window, "dragover", over], [window, "dragleave", left],
    [window, "drop", drop], [document, "paste", paste], [window, "online", online]];
  ways.forEach(([on, what, act]) => on.addEventListener(what, act));
  return () => ways.forEach(([on, what, act]) => on.removeEventListener(what, act));
}, [bringing.conversation]);"""


class Uploads(Input):
    """A hidden input of files; `beside` is the id of the line to write on.

    `refs['loom_uploads']` has: `take()`, the ids of what arrived for this conversation, which leave
    the tray; `busy()`, whether some are on their way; `after(act)`, which acts when they have all
    arrived, and not at all when one of them fails; `choose()`; `add(files, {more, send, at})`: with
    `send` a file becomes a message of its own; `retry(key)` and `discard(key)`.
    """

    url: rx.Var[str]
    beside: rx.Var[str]
    conversation: rx.Var[int]
    most: rx.Var[int]
    count: rx.Var[int]
    words: rx.Var[dict[str, str]]

    def add_imports(self) -> dict[str, Any]:
        return {"react": ["useEffect"], "$/utils/state": ["refs"]}

    def add_hooks(self) -> list[Any]:
        body = _BRING.replace("@ref", str(self.get_ref()))
        for name in ("url", "beside", "conversation", "most", "count", "words"):
            body = body.replace(f"@{name}", str(getattr(self, name)))
        data = VarData.merge(
            tray._get_all_var_data(),
            dragging._get_all_var_data(),
            self.conversation._get_all_var_data(),
        )
        return [rx.Var(body, _var_data=data)]

    def _exclude_props(self) -> list[str]:
        mine = ["url", "beside", "conversation", "most", "count", "words"]
        return [*super()._exclude_props(), *mine]


def tray_of(conversation: rx.Var) -> rx.Var:
    """What waits to be sent in a conversation; a recording on its way is among it."""
    return rx.Var(
        f"{tray.value!s}.filter((one) => one.conversation === {conversation!s})",
        _var_data=VarData.merge(tray.value._get_all_var_data(), conversation._get_all_var_data()),
    ).to(list[dict[str, Any]])


def uploads_call(name: str, *values: rx.Var) -> rx.Var:
    """A click handler that never asks the server: `choose`, or `retry` and `discard` of a key."""
    given = ", ".join(str(value) for value in values)
    return rx.Var(
        f"() => refs['loom_uploads'].{name}({given})",
        _var_data=VarData.merge(
            VarData(imports={"$/utils/state": "refs"}),
            *(value._get_all_var_data() for value in values),
        ),
    )


def brought(ids: rx.Var) -> rx.Var:
    """What the server said of files that this page uploaded; nothing of others."""
    return rx.Var(
        f"({ids!s} ?? []).map((id) => (refs['loom_brought'] ?? {{}})[id]).filter(Boolean)",
        _var_data=VarData.merge(
            VarData(imports={"$/utils/state": "refs"}), ids._get_all_var_data()
        ),
    )


def counted(ids: rx.Var) -> Any:
    return rx.Var(f"({ids!s}?.length ?? 0)", _var_data=ids._get_all_var_data()).to(int)


def only(files: rx.Var, test: str) -> rx.Var:
    """Those of a list for which an expression of `f` holds."""
    return rx.Var(f"{files!s}.filter((f) => {test})", _var_data=files._get_all_var_data())
