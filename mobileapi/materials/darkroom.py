"""
The darkroom: turns bytes from outside into a clean picture, in a process of its own with little memory and time.

Started by `developing.py`, it reads orders from standard input and answers on standard output until the input ends.
It imports nothing of ours but `quality`, opens no file and no connection, and may die.

An order is 4 bytes of length and the bytes; an answer 4 bytes of length and JSON, then the files it names by size.
"""

import io
import json
import resource
import struct
import sys
from dataclasses import dataclass
from typing import BinaryIO

import pillow_heif
from PIL import Image, ImageCms, ImageOps

from mobileapi.materials.quality import problems_of

PIXEL_CAP = 50_000_000  # phones have up to 50 megapixels
KEPT_SIDE = 4096  # an A4 page at 350 dpi
THUMBNAIL_SIDE = 480
MEMORY_CAP = 1 << 30  # bytes of address space of this process
CPU_S = 6  # seconds of processor for one picture

HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


class Refused(Exception):
    """Carries the code of the error the sender is told."""


@dataclass(frozen=True)
class Developed:
    page: bytes  # JPEG without any metadata
    thumbnail: bytes
    width: int
    height: int
    problems: list[str]


def format_of(content: bytes) -> str:
    """The format by its first bytes, never by a name. Raises Refused("not_an_image")."""
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    if content[4:8] == b"ftyp" and content[8:12] in HEIC_BRANDS:
        return "HEIF"
    raise Refused("not_an_image")


def develop(content: bytes) -> Developed:
    """Decodes, sets upright, cleans, judges. Raises Refused: not_an_image, image_too_large, image_unreadable."""
    kind = format_of(content)
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as raw:
            if raw.width * raw.height > PIXEL_CAP:  # known from the header, before anything is decoded
                raise Refused("image_too_large")
            raw.draft("RGB", (KEPT_SIDE, KEPT_SIDE))  # JPEG decodes at half size when that is still enough
            raw.load()
            page = _clean(raw)
    except Refused:
        raise
    except Image.DecompressionBombError as error:
        raise Refused("image_too_large") from error
    except Exception as error:
        raise Refused("image_unreadable") from error  # decoders raise what they like on damaged input
    return _printed(page)


def _clean(raw: Image.Image) -> Image.Image:
    """Upright, in plain sRGB on white, at most KEPT_SIDE, and without a trace of what came along."""
    icc = raw.info.get("icc_profile")
    upright = ImageOps.exif_transpose(raw)
    upright.thumbnail((KEPT_SIDE, KEPT_SIDE), Image.Resampling.LANCZOS)
    page = _standard_colours(_opaque(upright), icc)
    page.info = {}
    return page


def _opaque(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith(("I", "F")):  # 16 bits and more a pixel
        picture = picture.point(lambda value: value / 256).convert("L")
    if "A" in picture.getbands() or "transparency" in picture.info:
        over = picture.convert("RGBA")
        paper = Image.new("RGB", over.size, "white")
        paper.paste(over, mask=over.getchannel("A"))
        return paper
    return picture if picture.mode == "CMYK" else picture.convert("RGB")


def _standard_colours(picture: Image.Image, icc: bytes | None) -> Image.Image:
    """Phones take wide-gamut pictures; without their profile the colours would be off."""
    if icc:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
            changed = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            return picture.convert("RGB")
        if changed is not None:
            return changed
    return picture.convert("RGB")


def _printed(page: Image.Image) -> Developed:
    thumbnail = page.copy()
    thumbnail.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    return Developed(_jpeg(page, 88), _jpeg(thumbnail, 80), page.width, page.height, problems_of(page))


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def answer(order: bytes, to: BinaryIO) -> None:
    allow_cpu(CPU_S)
    try:
        done = develop(order)
        head: dict[str, object] = {"width": done.width, "height": done.height, "problems": done.problems}
        files = [done.page, done.thumbnail]
    except (Refused, MemoryError) as error:
        head, files = {"error": str(error) if isinstance(error, Refused) else "image_too_large"}, []
    encoded = json.dumps({**head, "sizes": [len(f) for f in files]}).encode()
    to.write(struct.pack(">I", len(encoded)) + encoded + b"".join(files))
    to.flush()


def allow_cpu(seconds: int) -> None:
    """From now on this process may use so much processor; over it the kernel ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    ends = int(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (ends, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_CAP, MEMORY_CAP))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pillow_heif.register_heif_opener(thumbnails=False)
    Image.MAX_IMAGE_PIXELS = PIXEL_CAP
    source, to = sys.stdin.buffer, sys.stdout.buffer
    while len(length := source.read(4)) == 4:
        answer(source.read(struct.unpack(">I", length)[0]), to)
