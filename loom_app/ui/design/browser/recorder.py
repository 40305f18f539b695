"""Recording a voice note: the microphone, its wave while it is heard, and what becomes of it.

The recording is handed to the uploads of the page, which send it as a message of its own and keep
it when the network does not carry it. Leaving a conversation in the middle keeps what was said.
"""

from typing import Any

import reflex as rx
from reflex_base.vars import VarData
from reflex_components_core.el.elements.typography import Div

# {state, ms, peaks, problem}: state is idle, asking or recording
voice = rx._x.client_state("voice", default={"state": "idle", "ms": 0, "peaks": [], "problem": ""})

# The microphone is allowed by the header of the page that was loaded first. Where that was another
# page than the chat, the chat is loaded anew, and recording begins then.
_RECORD = """const hearing = { conversation: @conversation, words: @words };
useEffect(() => {
  const { conversation, words } = hearing;
  const blank = { state: "idle", ms: 0, peaks: [], problem: "" };
  const longest = 600000, bars = 48, flag = "loom_record";
  let live = null;
  const show = (values) => refs['_client_state_setVoice']({ ...blank, ...values });
  const wave = (peaks) => {
    const loudest = Math.max(8, ...peaks), step = Math.max(1, peaks.length / bars);
    return Array.from({ length: Math.min(bars, peaks.length) }, (_, i) => Math.round(100 / loudest
      * Math.max(...peaks.slice(Math.floor(i * step), Math.floor((i + 1) * step)))));
  };
  const end = () => {
    const one = live;
    live = null;
    clearInterval(one.timer);
    one.recorder.stop();
    one.stream.getTracks().forEach((track) => track.stop());
    one.context.close();
    show(blank);
    return one;
  };
  const finish = (send) => {
    if (!live) return;
    const one = end(), ms = Math.round(performance.now() - one.began);
    one.recorder.onstop = () => {
      const type = one.recorder.mimeType.split(";")[0];
      const ending = { "audio/mp4": "m4a", "audio/ogg": "ogg" }[type] ?? "webm";
      const file = new File(one.parts, `${words.name}.${ending}`, { type });
      refs['loom_uploads'].add([file], { send, at: conversation,
        more: { voice: "1", ms, peaks: wave(one.peaks).join(",") } });
    };
  };
  const hear = (stream) => {
    // the first is played by every browser, but not made by every one
    const kinds = ["audio/mp4;codecs=mp4a.40.2", "audio/webm;codecs=opus", "audio/mp4",
      "audio/ogg;codecs=opus"];
    const mimeType = kinds.find((kind) => MediaRecorder.isTypeSupported(kind));
    const recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: 32000 });
    const context = new AudioContext(), analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize), began = performance.now();
    const one = { recorder, stream, context, began, parts: [], peaks: [] };
    recorder.ondataavailable = (e) => one.parts.push(e.data);
    one.timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const loud = samples.reduce((most, s) => Math.max(most, Math.abs(s)), 0);
      one.peaks.push(Math.min(100, Math.round(100 * Math.sqrt(loud))));
      const ms = performance.now() - began;
      show({ state: "recording", ms, peaks: one.peaks.slice(-bars) });
      if (ms > longest) finish(false);
    }, 100);
    recorder.start(1000);
    live = one;
    show({ state: "recording" });
  };
  const begin = async () => {
    if (live) return;
    if (document.featurePolicy?.allowsFeature("microphone") === false) {
      if (sessionStorage.getItem(flag)) { sessionStorage.removeItem(flag);
        return show({ problem: words.denied }); }
      sessionStorage.setItem(flag, conversation);
      return location.reload();
    }
    sessionStorage.removeItem(flag);
    show({ state: "asking" });
    try {
      if (!window.MediaRecorder) throw new Error("no recorder");
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      if (gone) return stream.getTracks().forEach((track) => track.stop());
      hear(stream);
    } catch (e) {
      show({ problem: e.name === "NotAllowedError" ? words.denied : words.missing });
    }
  };
  let gone = false;
  const escape = (e) => { if (e.key === "Escape" && live) { e.preventDefault(); end(); } };
  document.addEventListener("keydown", escape);
  refs['loom_recorder'] = {
    begin, send: () => finish(true), cancel: () => live && end(), forget: () => show(blank) };
  if (conversation && sessionStorage.getItem(flag) === `${conversation}`) begin();
  return () => {
    gone = true;
    document.removeEventListener("keydown", escape);
    finish(false);
  };
}, [hearing.conversation]);"""


class Recorder(Div):
    """Draws nothing; `refs['loom_recorder']` has `begin`, `send`, `cancel` and `forget`."""

    conversation: rx.Var[int]
    words: rx.Var[dict[str, str]]

    def add_imports(self) -> dict[str, Any]:
        return {"react": ["useEffect"], "$/utils/state": ["refs"]}

    def add_hooks(self) -> list[Any]:
        body = _RECORD.replace("@conversation", str(self.conversation)).replace(
            "@words", str(self.words)
        )
        data = VarData.merge(voice._get_all_var_data(), self.conversation._get_all_var_data())
        return [rx.Var(body, _var_data=data)]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "conversation", "words"]


def heard(name: str, kind: type) -> Any:
    """One part of what the recorder says: `heard("ms", int)`."""
    return rx.Var(f"{voice.value!s}.{name}", _var_data=voice.value._get_all_var_data()).to(kind)


def recorder_call(name: str) -> rx.Var:
    return rx.Var(
        f"() => refs['loom_recorder'].{name}()",
        _var_data=VarData(imports={"$/utils/state": "refs"}),
    )


def heard_for() -> Any:
    """How long it has heard, as a clock says it."""
    now = voice.value
    return rx.Var(
        f"`${{Math.floor({now!s}.ms / 60000)}}:"
        f"${{String(Math.floor({now!s}.ms / 1000) % 60).padStart(2, '0')}}`",
        _var_data=now._get_all_var_data(),
    ).to(str)
