"""What people send is judged by its bytes, measured before it is decoded, and re-made."""

import contextlib
import io
import random
import re
import struct
import zipfile
import zlib

import pillow_heif
import pytest
from PIL import Image

from loom_app.kit.errors import Invalid
from loom_app.kit.files import pictures, sniff, store


def picture(kind="PNG", size=(80, 60), **save) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (10, 120, 110)).save(out, kind, **save)
    return out.getvalue()


def heic(size=(80, 60)) -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", size, (200, 40, 40))).save(out)
    return out.getvalue()


def archive(*names: str, kind: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        if kind:
            made.writestr("mimetype", kind)
        for name in names:
            made.writestr(name, "words")
    return out.getvalue()


def box(brand: bytes, rest: bytes = b"") -> bytes:
    return struct.pack(">I", 16) + b"ftyp" + brand + b"\0\0\0\0" + rest


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(width: int, height: int) -> bytes:
    """A PNG that says how large it is, and holds nothing that could be decoded."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"not a picture")


SOUND = b"\0\0\0\x20hdlr" + b"\0" * 8 + b"soun"
FILM = b"\0\0\0\x20hdlr" + b"\0" * 8 + b"vide"
DOCX = archive("[Content_Types].xml", "word/document.xml", "word/printerSettings1.bin")

KNOWN = [
    (picture(), "x.txt", "image/png", "image"),
    (picture("JPEG"), "holiday", "image/jpeg", "image"),
    (picture("GIF"), "a.gif", "image/gif", "image"),
    (picture("WEBP"), "a.webp", "image/webp", "image"),
    (heic(), "IMG_1.HEIC", "image/heic", "image"),
    (b"%PDF-1.7\n...", "plan.docx", "application/pdf", "pdf"),
    (b"ID3\x04...", "song.mp3", "audio/mpeg", "audio"),
    (b"RIFF\0\0\0\0WAVEfmt ", "a.wav", "audio/wav", "audio"),
    (b"OggS\0...", "a.ogg", "audio/ogg", "audio"),
    (b"\x1aE\xdf\xa3...webm...A_OPUS", "voice", "audio/webm", "audio"),
    (b"\x1aE\xdf\xa3...webm...V_VP9", "film.webm", "video/webm", "file"),
    (box(b"M4A "), "a.m4a", "audio/mp4", "audio"),
    (box(b"iso5", SOUND), "voice.mp4", "audio/mp4", "audio"),
    (box(b"isom", SOUND + FILM), "film.mp4", "video/mp4", "file"),
    (box(b"qt  "), "a.mov", "video/quicktime", "file"),
    (DOCX, "letter.docx", sniff._OFFICE["word/"], "file"),
    (archive("a.txt", "b.png"), "pack.zip", "application/zip", "file"),
    (
        archive(kind="application/vnd.oasis.opendocument.text"),
        "a.odt",
        "application/vnd.oasis.opendocument.text",
        "file",
    ),
    ("Grüße, BMW & MZ".encode(), "a.txt", "text/plain", "file"),
    ("Größe;Gewicht\r\n1,80;75".encode("cp1252"), "old.csv", "text/plain", "file"),
    (b"MZ is how this text begins", "a.txt", "text/plain", "file"),
    ("x;y".encode("utf-16"), "a.csv", "text/plain", "file"),
    (b"Use <script> so:\n", "notes.md", "text/plain", "file"),
]


@pytest.mark.parametrize(("content", "name", "mime", "kind"), KNOWN, ids=[k[2] for k in KNOWN])
def test_the_content_says_what_a_file_is(folder, content, name, mime, kind):
    (folder / "f").write_bytes(content)
    assert sniff.sniff(folder / "f", name) == sniff.Found(mime, kind)


REFUSED = {
    "empty": (b"", "a.txt"),
    "program": (b"MZ\x90\0" + b"\0" * 60, "holiday.jpg"),
    "unix program": (b"\x7fELF\x02\x01", "a"),
    "script": (b"#!/bin/sh\nrm -rf /", "notes.txt"),
    "web page": (b"\xef\xbb\xbf \n<!DOCTYPE html><script>", "a.txt"),
    "web page in UTF-16": ("<html><script>".encode("utf-16"), "a.txt"),
    "vector picture": (b"<?xml version='1.0'?><svg onload='x'>", "logo.png"),
    "vector picture behind a remark": (b"<!-- a --><svg onload='x'>", "logo.txt"),
    "name of a program": (b"just words", "invoice.pdf.exe"),
    "name with a trailing dot": (b"just words", "run.bat. "),
    "name of a web page": (b"just words", "a.html"),
    "macros": (archive("[Content_Types].xml", "word/vbaProject.bin"), "a.docx"),
    "program in an archive": (archive("photos/run.exe"), "photos.zip"),
    "broken archive": (b"PK\x03\x04" + b"\0" * 30, "a.zip"),
    "unknown": (bytes(range(256)), "a.dat"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_can_run_or_is_unknown_is_refused_in_words(folder, case):
    content, name = REFUSED[case]
    (folder / "f").write_bytes(content)
    with pytest.raises(Invalid) as refused:
        sniff.sniff(folder / "f", name)
    assert refused.value.message.endswith(".")


def remade(folder, content: bytes):
    (folder / "f").write_bytes(content)
    size = pictures.remake(folder / "f", folder / "t", folder / "v")
    with Image.open(folder / "t") as thumb, Image.open(folder / "v") as view:
        assert thumb.format == view.format == "WEBP"
        thumb.load()
        return size, thumb.size, view.size


MAKERS = {
    "png": picture,
    "jpeg": lambda size: picture("JPEG", size),
    "heic": heic,
    "avif": lambda size: picture("AVIF", size),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_a_picture_gets_a_small_and_a_large_copy(folder, make):
    size, thumb, view = remade(folder, make(size=(3000, 2000)))
    assert (size, view) == ((3000, 2000), (2048, 1365))
    assert thumb == (640, 427)


def test_a_small_picture_is_not_blown_up(folder):
    assert remade(folder, picture(size=(80, 60))) == ((80, 60), (80, 60), (80, 60))


def test_a_photograph_stands_as_its_camera_held_it_and_forgets_where_it_was_taken(folder):
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "a secret place"
    size, thumb, _ = remade(folder, picture("JPEG", (800, 400), exif=exif))
    assert size == (400, 800)
    assert thumb == (320, 640)
    assert b"secret" not in (folder / "t").read_bytes() + (folder / "v").read_bytes()


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "L", "P", "I;16"])
def test_a_large_picture_of_any_kind_is_turned_and_keeps_its_colours(folder, mode):
    made = Image.new("RGB", (4600, 2400), (250, 250, 250))
    made.paste((5, 5, 5), (0, 0, 2300, 2400))
    exif = Image.Exif()
    exif[0x0112] = 6  # held so that its left side is up
    out = io.BytesIO()
    if mode == "I;16":
        made = made.convert("I").point(lambda value: value * 256)
    made.convert(mode).save(out, "PNG", exif=exif)
    size, thumb, view = remade(folder, out.getvalue())
    assert (size, view) == ((2400, 4600), (1069, 2048))
    with Image.open(folder / "v") as shown:
        grey = shown.convert("L")
        above, below = grey.crop((0, 0, 1069, 1000)), grey.crop((0, 1048, 1069, 2048))
    assert sum(above.histogram()[40:]) == 0  # black
    assert sum(below.histogram()[:215]) == 0  # white
    assert max(thumb) == 640


def test_an_animation_shows_its_first_frame(folder):
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue", "green")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    assert remade(folder, out.getvalue())[0] == (40, 40)
    with Image.open(folder / "t") as thumb:
        assert getattr(thumb, "n_frames", 1) == 1


def test_a_bomb_is_refused_by_its_header_and_never_unfolded(folder):
    (folder / "f").write_bytes(bomb(12_000, 12_000))
    with pytest.raises(Invalid, match="too many pixels"):
        pictures.remake(folder / "f", folder / "t", folder / "v")
    assert not (folder / "t").exists()


@pytest.mark.parametrize("cut", [60, 200])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "HEIC"])
def test_a_damaged_picture_is_refused_in_words(folder, kind, cut):
    noise = Image.effect_noise((200, 200), 90).convert("RGB")
    out = io.BytesIO()
    if kind == "HEIC":
        pillow_heif.from_pillow(noise).save(out)
    else:
        noise.save(out, kind)
    (folder / "f").write_bytes(out.getvalue()[:cut])
    with pytest.raises(Invalid):
        pictures.remake(folder / "f", folder / "t", folder / "v")


@pytest.mark.parametrize("seed", range(40))
def test_whatever_the_bytes_it_is_shown_or_refused_and_never_an_accident(folder, seed):
    dice = random.Random(seed)
    made = dice.choice(
        [picture(size=(60, 40)), picture("JPEG"), picture("GIF"), heic(), DOCX, b"<a>", b"%PDF"]
    )
    content = bytearray(made)
    for _ in range(dice.randint(1, 30)):
        content[dice.randrange(len(content))] = dice.randrange(256)
    (folder / "f").write_bytes(content)
    with contextlib.suppress(Invalid):
        if sniff.sniff(folder / "f", "x").kind == "image":
            pictures.remake(folder / "f", folder / "t", folder / "v")


@pytest.mark.parametrize("key", ["../secret.key", "a/b", " ", "x" * 21, "x" * 23, ".." * 11])
def test_a_key_is_no_path(key):
    with pytest.raises(ValueError, match=re.escape(key)):
        store.path_of(key)
