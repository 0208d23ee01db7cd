"""Photographs for the tests, drawn: a printed page, and what can be wrong with a photograph of it."""

import io
import struct
import zlib
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image, ImageDraw, ImageFilter, ImageFont

pillow_heif.register_heif_opener()


def page(width: int = 1200, height: int = 1600, *, paper: int = 225) -> Image.Image:
    """A page of print on off-white paper, on a table."""
    picture = Image.new("RGB", (width, height), (140, 120, 100))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((width * 0.06, height * 0.05, width * 0.94, height * 0.95), fill=(paper, paper, paper - 5))
    font = ImageFont.load_default(size=width / 40)
    for line in range(30):
        y = height * (0.08 + line * 0.028)
        draw.text((width * 0.1, y), f"{line:02} Household register No. 4401 printed 2026", fill=(30, 30, 35), font=font)
    return picture


def encoded(picture: Image.Image, kind: str = "JPEG", **more: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def scan() -> Image.Image:
    """White all over, like a page from a flat-bed scanner."""
    picture = page(paper=255)
    table = np.asarray(picture).copy()
    table[(table == (140, 120, 100)).all(axis=2)] = 255
    return Image.fromarray(np.where(table >= 250, 255, table).astype(np.uint8))


def blurred() -> Image.Image:
    return page().filter(ImageFilter.GaussianBlur(9))


def dark() -> Image.Image:
    return page().point(lambda value: value // 5)


def glaring() -> Image.Image:
    """A lamp reflected in the middle of the page."""
    picture = page()
    light = Image.new("L", picture.size, 0)
    ImageDraw.Draw(light).ellipse((300, 400, 900, 1000), fill=255)
    picture.paste(Image.new("RGB", picture.size, "white"), mask=light.filter(ImageFilter.GaussianBlur(25)))
    return picture


def with_exif(picture: Image.Image, *, orientation: int = 1, gps: bool = False) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SecretPhoneMaker"
    if gps:
        exif.get_ifd(0x8825).update({1: "N", 2: (23.0, 5.0, 44.1), 3: "E", 4: (113.0, 19.0, 9.9)})
    return encoded(picture, "JPEG", exif=exif, comment=b"taken at home", quality=92)


def flood_png(width: int, height: int) -> bytes:
    """A PNG of some hundred kilobytes that decodes to width × height pixels of nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    row = b"\0" * (width + 1)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
