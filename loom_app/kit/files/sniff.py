"""What a file is: said by its first bytes, never by its name or by who sends it.

An allow-list. What is unknown is refused, and so is what can run on the reader's computer, whatever
it is called: the name is judged too, because the reader's computer goes by the name.
"""

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from loom_app.kit.errors import Invalid
from loom_app.kit.text import t

HEAD = 4096
_IMAGES = {
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/gif": (b"GIF87a", b"GIF89a"),
}
_AUDIO = {
    "audio/mpeg": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"),
    "audio/aac": (b"\xff\xf1", b"\xff\xf9"),
    "audio/flac": (b"fLaC",),
    "audio/ogg": (b"OggS",),
}
_DOCUMENTS = {
    "application/rtf": (b"{\\rtf",),
    "application/gzip": (b"\x1f\x8b",),
    "application/x-7z-compressed": (b"7z\xbc\xaf\x27\x1c",),
    "application/vnd.rar": (b"Rar!\x1a\x07",),
    "application/x-ole-storage": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",),  # doc, xls, ppt of old
    "image/tiff": (b"II*\0", b"MM\0*"),
    "image/vnd.adobe.photoshop": (b"8BPS",),
}
# brands of the ISO media container, which holds pictures, sound and films alike
_BRANDS = {
    **dict.fromkeys(("heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"), "image/heic"),
    **dict.fromkeys(("avif", "avis"), "image/avif"),
    **dict.fromkeys(("M4A ", "M4B "), "audio/mp4"),
    "qt  ": "video/quicktime",
}
_RUNS = (
    b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe", b"L\0\0\0\x01\x14\x02\0", b"\0asm", b"!<arch>",
    b"\xed\xab\xee\xdb", b"MSCF", b"dex\n", b"ITSF", b"xar!",
)  # fmt: skip
_MARKUP = re.compile(
    r"<\s*(!doctype\s+html|html|head|body|script|iframe|svg|math|img|object|embed|form|meta|link"
    r"|style|base|a|\w+:script|\?php|\?xml-stylesheet)\b",
    re.IGNORECASE,
)
_FILM = re.compile(rb"hdlr.{8}vide", re.DOTALL)
_FILM_CODEC = re.compile(rb"V_(VP|AV1|MPEG|THEORA)")
_RUNNING_NAMES = frozenset(
    """
    ade adp apk app appimage appref-ms appx bat bin chm class cmd com command cpl deb desktop dll
    dmg docm dotm exe gadget hlp hta htm html img inf ins iso isp jar jnlp js jse jsx ksh lib lnk
    mde mht mhtml msc msi msix msp mst mjs php pif pkg potm ppam ppsm pptm ps1 psm1 py pyw reg rgs
    rpm scf scr sct sh shb shtml svg svgz swf sys url vb vbe vbs vhd vhdx vxd webloc website wasm
    ws wsc wsf wsh xhtml xht xla xlam xll xlsm xltm xsl xslt
    """.split()  # noqa: SIM905 - a list to read
)
_OFFICE = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BUILT_ON_ZIP = re.compile(r"application/(vnd\.oasis\.opendocument\.[a-z-]{1,40}|epub\+zip)\Z")
_ZIP_ENTRIES = 10_000


@dataclass(frozen=True, slots=True)
class Found:
    """`kind` is image, audio, pdf or file; only the first three are ever shown in the page."""

    mime: str
    kind: str


def sniff(path: Path, name: str) -> Found:
    """Raises Invalid, in words, for what is empty, can run, or is unknown. Reads the disk."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        raise Invalid(t("This file is empty."), field="file")
    # two letters may begin a text too; a program has zeros among its first bytes
    program = head.startswith(_RUNS) or (head.startswith(b"MZ") and b"\0" in head[:64])
    if program or runs_by_name(name):
        raise _runs()
    mime = _by_signature(head) or _container(head, path)
    if mime is None and head.startswith(b"PK\x03\x04"):
        mime = _archive(path)
    if mime is None:
        mime = _text(path)
    if mime is None:
        raise Invalid(
            t(
                "We do not know this kind of file. You can send pictures, PDF, sound, film,"
                " office documents, text and archives."
            ),
            field="file",
        )
    return Found(mime, _kind(mime))


def runs_by_name(name: str) -> bool:
    """Whether a computer that goes by the name would run it; blanks and dots at the end do not
    count for Windows either."""
    return name.rstrip(". \u00a0").rpartition(".")[2].lower() in _RUNNING_NAMES


def _runs() -> Invalid:
    return Invalid(
        t(
            "Programs, web pages and scripts cannot be sent: opening one can harm the other's"
            " computer. Send a PDF or a picture of it instead."
        ),
        field="file",
    )


def _kind(mime: str) -> str:
    if mime in {*_IMAGES, "image/webp", "image/heic", "image/avif"}:
        return "image"
    if mime == "application/pdf":
        return "pdf"
    return "audio" if mime.startswith("audio/") else "file"


def _by_signature(head: bytes) -> str | None:
    for known in (_IMAGES, _AUDIO, _DOCUMENTS):
        for mime, marks in known.items():
            if head.startswith(marks):
                return mime
    if head.startswith(b"BM") and head[6:10] == b"\0\0\0\0":
        return "image/bmp"
    # readers accept a PDF whose mark is not the first thing in it; only the strict ones pass here
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}.get(
            head[8:12]
        )
    return None


def _container(head: bytes, path: Path) -> str | None:
    if head[4:8] == b"ftyp":
        size = min(int.from_bytes(head[:4]), 64)
        brands = [head[8:12], *(head[at : at + 4] for at in range(16, size, 4))]
        found = [_BRANDS.get(brand.decode("latin-1")) for brand in brands]
        # the first brand speaks for the whole; pictures often name theirs among the others only
        still = next((mime for mime in found if mime and mime.startswith("image/")), None)
        if found[0] or still:
            return found[0] or still
        # Safari's recordings are MP4 without a film: the track's handler says which it is
        content = path.read_bytes()
        return "audio/mp4" if b"soun" in content and not _FILM.search(content) else "video/mp4"
    if head.startswith(b"\x1aE\xdf\xa3"):
        if b"webm" not in head[:64]:
            return "video/x-matroska"
        return "video/webm" if _FILM_CODEC.search(head) else "audio/webm"
    return None


def _archive(path: Path) -> str:
    """ZIP and what is built on it; nothing that runs may hide directly inside."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [entry.filename for entry in archive.infolist()[: _ZIP_ENTRIES + 1]]
            declared = _declared(archive) if "mimetype" in names[:1] else ""
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, UnicodeDecodeError):
        raise Invalid(t("This archive is damaged."), field="file") from None
    if len(names) > _ZIP_ENTRIES:
        raise Invalid(t("This archive holds too many files."), field="file")
    if any(one.lower().endswith("vbaproject.bin") for one in names):
        raise _runs()
    if _BUILT_ON_ZIP.match(declared):
        return declared
    office = "[Content_Types].xml" in names
    kinds = [mime for folder, mime in _OFFICE.items() if any(n.startswith(folder) for n in names)]
    if office and kinds:
        return kinds[0]  # its parts are named by the format: printer settings are a .bin
    if any(runs_by_name(one) for one in names):
        raise _runs()
    return "application/zip"


def _declared(archive: zipfile.ZipFile) -> str:
    with archive.open("mimetype") as part:
        return part.read(100).decode("ascii", "replace").strip()


def _text(path: Path) -> str | None:
    """Plain text: Unicode, or 8 bits a letter without control characters, as older programs write.

    Markup that a browser would run is refused.
    """
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif _CONTROL.search(content):
        return None
    else:
        encoding = "utf-8-sig"
    try:
        words = content.decode(encoding)
    except UnicodeDecodeError:
        if encoding == "utf-16":
            return None
        words = content.decode("latin-1")
    # a text that begins as markup is one; code quoted in the middle of a text is not
    if words.lstrip("\ufeff \t\r\n\f").startswith("<") and _MARKUP.search(words[:HEAD]):
        raise _runs()
    return "text/plain"
