"""What is shown of files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class FileView:
    """A file of a message; `size` in words, `seconds` of sound, `peaks` of a voice note's wave."""

    id: int
    name: str
    kind: str
    mime: str
    size: str
    url: str
    thumb: str
    width: int
    height: int
    seconds: int
    peaks: list[int]


def file_views(stored: Iterable[Mapping[str, object]]) -> list[FileView]:
    """From the snapshot that `loom_send` keeps with the message."""
    return [_file(one) for one in stored]


def _file(one: Mapping[str, object]) -> FileView:
    number = {key: int(str(one.get(key) or 0)) for key in ("id", "bytes", "w", "h", "ms")}
    base = f"/files/messages/{number['id']}"
    peaks = one.get("peaks")
    return FileView(
        id=number["id"],
        name=str(one.get("name", "")),
        kind=str(one.get("kind", "file")),
        mime=str(one.get("mime", "")),
        size=_size(number["bytes"]),
        url=f"{base}/{one.get('name', '')}",
        thumb=f"{base}/thumb" if one.get("thumb") else "",
        width=number["w"],
        height=number["h"],
        seconds=-(-number["ms"] // 1000),
        peaks=[int(peak) for peak in peaks] if isinstance(peaks, list) else [],
    )


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{max(1, count // 1000)} KB"
