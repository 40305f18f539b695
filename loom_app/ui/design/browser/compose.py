"""The message line: Enter sends, drafts are kept, focus stays; it also edits and answers."""

from typing import Any

import reflex as rx
from reflex_base.event import passthrough_event_spec
from reflex_base.vars import VarData
from reflex_components_core.el.elements.forms import Form

# what the line does beside writing: kind "edit" or "reply", with the message's id, name and text
mode = rx._x.client_state("mode", default={"kind": "", "id": 0, "name": "", "text": ""})
# how many characters the words have where they are too many, else 0
too_long = rx._x.client_state("length", default=0)

# Enter sends where there is a keyboard; on touch it breaks the line and the button sends
_COMPOSE = """const line =
  { person: @person, conversation: @conversation, draft: @draft, most: @most };
const writer = line.person || refs['loom_person'] || 0;
// wired before anybody can type on it: what stands there is replaced by the draft
useLayoutEffect(() => {
  const form = @ref.current;
  const area = form?.querySelector("textarea");
  if (!area) return;
  const key = `loom_draft_${writer}_${line.conversation}`;
  let now = null, saver = 0, typed = 0;
  const turn = (to) => {
    now = to;
    refs['_client_state_setMode'](to ?? { kind: "", id: 0, name: "", text: "" });
    area.focus();
  };
  const kept = () => {
    try { return JSON.parse(localStorage.getItem(key)) ?? { text: "", at: 0 } }
    catch { return { text: "", at: 0 } }
  };
  // what this device has not said yet is newer than anything another one says
  const store = (text, at, unsaid) =>
    localStorage.setItem(key, JSON.stringify({ text, at, unsaid }));
  // as the server counts
  const length = (text) => text.length > line.most ? [...text].length : text.length;
  const measure = () => {
    const n = length(area.value.trim());
    refs['_client_state_setLength'](n > line.most ? n : 0);
    return n > line.most;
  };
  const tell = (text, at) => {
    if (length(text) > line.most) return;  // another device would have it cut: it stays here
    store(text, at, false);
    (@on_draft)(line.conversation, text, at);
  };
  const keep = (text) => {
    const at = Math.max(Date.now(), kept().at + 1);
    store(text, at, true);
    clearTimeout(saver);
    if (text) saver = setTimeout(() => tell(text, at), 700); else tell(text, at);
  };
  const cancel = () => {
    if (now?.kind === "edit") area.value = kept().text;
    measure();
    turn(null);
  };
  const submit = (e) => {
    e?.preventDefault();
    if (measure()) return area.focus();  // said below; cutting it would lose words
    const body = area.value.trim();
    if (now?.kind === "edit") {
      if (body && body !== now.text) refs['loom_outbox'].edit(line.conversation, now.id, body);
      return cancel();
    }
    if (refs['loom_uploads']?.busy()) return refs['loom_uploads'].after(submit);
    const files = refs['loom_uploads']?.take() ?? [];
    if (!body && !files.length) return;
    area.value = "";
    keep("");
    refs['loom_outbox'].add(line.conversation, body, { reply: now?.id ?? 0, files,
      quote: now && { name: now.name, text: now.text } });
    turn(null);
  };
  const onKey = (e) => {
    if (e.isComposing) return;
    const touch = window.matchMedia("(pointer: coarse)").matches;
    if (e.key === "Enter" && !e.shiftKey && !touch) return submit(e);
    if (e.key === "Escape" && now) { e.preventDefault(); return cancel(); }
    if (e.key === "ArrowUp" && !area.value && !now) {
      const soon = Date.now() / 1000;
      const last = (refs['loom_talk']?.rows() ?? [])
        .findLast((m) => m.source && m.editable_until > soon);
      if (last) { e.preventDefault(); refs['loom_compose'].edit(last); }
    }
  };
  const onInput = () => {
    measure();
    if (now?.kind === "edit") return;
    keep(area.value);
    if (!area.value || Date.now() - typed < 2000) return;
    typed = Date.now();
    (@on_typing)(line.conversation);
  };
  refs['loom_compose'] = {
    edit: (m) => {
      turn({ kind: "edit", id: m.id, name: "", text: m.source });
      area.value = m.source;
    },
    reply: (m, name, text) => turn({ kind: "reply", id: m.id, name, text }),
    insert: (text) => { area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
      area.focus(); onInput(); },
    take: () => { const body = area.value.trim(); area.value = ""; keep(""); cancel();
      return body; },
    drafted: (text, at) => {
      const mine = kept();
      if (now?.kind === "edit" || area.value === text || mine.unsaid) return;
      // what comes late is older than what stands here: a word was lost on the way, say it again
      if (mine.at > at && mine.text !== text) return tell(mine.text, mine.at);
      if (mine.at > at) return;
      if (document.hasFocus() && document.activeElement === area && area.value) return;
      area.value = text;
      store(text, at, false);
    },
    cancel,
  };
  // a page that reconnects is drawn anew: what one was doing on the line goes on
  const before = refs['loom_doing'];
  const same = before?.key === key && Date.now() - before.at < 10000;
  area.value = kept().text;
  if (same) now = before.now;
  if (now?.kind === "edit") area.value = before.text;
  if (same && before.focused) area.focus();
  measure();
  if (kept().unsaid) tell(kept().text, kept().at);
  refs['_client_state_setMode'](now ?? { kind: "", id: 0, name: "", text: "" });
  area.addEventListener("keydown", onKey);
  area.addEventListener("input", onInput);
  form.addEventListener("submit", submit);
  return () => {
    refs['loom_doing'] = { key, now, text: area.value, at: Date.now(),
      focused: document.activeElement === area };
    area.removeEventListener("keydown", onKey);
    area.removeEventListener("input", onInput);
    form.removeEventListener("submit", submit);
  };
}, [writer, line.conversation]);
useEffect(() => {
  if (line.draft.conversation === line.conversation && line.draft.told)
    refs['loom_compose']?.drafted(line.draft.text, line.draft.at);
}, [line.draft, line.conversation]);"""


class Compose(Form):
    """A form around one textarea; hands what was typed to the outbox of the same page.

    `draft` is what another device has, {conversation, text, at, told}: the newer one stays. Words
    over `most` characters are kept but not sent: `too_long` says how many there are.
    `on_draft(conversation, text, at)` keeps it, `on_typing(conversation)` comes at most every two
    seconds. Changes go the way of messages, by the outbox.
    """

    _OWN = ("person", "conversation", "draft", "most", "on_draft", "on_typing")

    person: rx.Var[int]
    conversation: rx.Var[int]
    draft: rx.Var[Any]
    most: rx.Var[int]
    on_draft: rx.EventHandler[passthrough_event_spec(int, str, int)]
    on_typing: rx.EventHandler[passthrough_event_spec(int)]

    @classmethod
    def create(cls, *children: Any, **props: Any) -> Any:
        return super(Form, cls).create(*children, **props)

    def add_imports(self) -> dict[str, Any]:
        return {"react": ["useEffect", "useLayoutEffect"], "$/utils/state": ["refs"]}

    def add_hooks(self) -> list[Any]:
        body, found = _COMPOSE.replace("@ref", str(self.get_ref())), []
        for name in ("on_draft", "on_typing"):
            call = rx.Var.create(self.event_triggers[name])
            body = body.replace(f"@{name}", str(call))
            found.append(call)
        for name in ("person", "conversation", "draft", "most"):
            body = body.replace(f"@{name}", str(getattr(self, name)))
            found.append(getattr(self, name))
        data = [var._get_all_var_data() for var in (*found, mode, too_long.value)]
        return [rx.Var(body, _var_data=VarData.merge(*data))]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), *self._OWN]


def compose_call(words: str, *depends: rx.Var) -> rx.Var:
    """A click handler of the message line that never asks the server: `reply(m, name, text)`."""
    data = VarData.merge(
        VarData(imports={"$/utils/state": "refs"}), *(var._get_all_var_data() for var in depends)
    )
    return rx.Var(f"() => refs['loom_compose']?.{words}", _var_data=data)


def turned(part: str) -> rx.Var:
    """One part of what the line does: "kind", "name" or "text"."""
    return rx.Var(f"{mode.value!s}.{part}", _var_data=mode.value._get_all_var_data()).to(str)
