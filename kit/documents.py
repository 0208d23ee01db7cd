"""
Documents: a typst template and plain values in, PDF/A out; and QR codes to print on them.

Values reach the template as JSON data, never as markup: whatever people typed is set as text. Printed in Noto Sans SC.
"""

import asyncio
import io
import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import qrcode
import typst
from qrcode.image.svg import SvgPathImage

FONTS = pylopdf_fonts_zh_cn.sans_path().parent


async def typeset(template: Path, values: Mapping[str, Any], *, at: datetime) -> bytes:
    """
    The PDF (PDF/A-2b, for archives) of a template that reads its values by `json(bytes(sys.inputs.values))`.

    The same template, values and instant give the same bytes. Some 30 ms in a thread.
    """
    return await asyncio.to_thread(_typeset, template, json.dumps(values, ensure_ascii=False), at)


def _typeset(template: Path, values: str, at: datetime) -> bytes:
    return typst.compile(
        str(template), root=str(template.parent), format="pdf", pdf_standards=["a-2b"], font_paths=_fonts(),
        sys_inputs={"values": values}, timestamp=at.replace(microsecond=0),
    )  # fmt: skip


@cache
def _fonts() -> typst.Fonts:
    """Read once; never the machine's own fonts, so that a page looks the same everywhere."""
    return typst.Fonts(font_paths=[str(FONTS)], include_system_fonts=False)


def qr_svg(content: str) -> str:
    """A QR code of medium error correction as SVG, for `image(bytes(svg), format: "svg")` or a page."""
    return str(_qr(content).make_image(image_factory=SvgPathImage).to_string(encoding="unicode"))


def qr_png(content: str) -> bytes:
    """The same code as PNG, black on white, ten pixels a module."""
    png = io.BytesIO()
    _qr(content).make_image().save(png)
    return png.getvalue()


def _qr(content: str) -> qrcode.QRCode:
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=4, box_size=10)
    code.add_data(content)
    code.make(fit=True)
    return code
