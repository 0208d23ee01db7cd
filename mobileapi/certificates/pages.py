"""The page people see when they scan a code: zh-CN and English on one page, without script, styled from a file."""

from html import escape
from pathlib import Path
from string import Template

from kit import clock
from kit.texts import Text, text
from mobileapi.certificates.verification import Verified

TEMPLATES = Path(__file__).parent / "templates"
STYLE_PATH = "/verify/style/page.css"

HEADLINES = {
    "valid": ("genuine", text("真实有效", "Genuine and valid")),
    "expired": ("past", text("真实，但已过有效期", "Genuine, but expired")),
    "unknown": ("false", text("未查到此文件", "No such document")),
    "altered": ("changed", text("由本平台签发，但现存记录与其不符", "Issued here, but the records now differ from it")),
}
ADVICE = {
    "genuine": text(
        "请核对纸面或屏幕上的编号、名称与本页一致；不一致的，以本页为准。",
        "Compare number and title with the paper; where they differ, this page is right.",
    ),
    "past": text("该文件由本平台签发，但现在不再有效。", "This document was issued here, but is not valid any more."),
    "changed": text(
        "现存记录与签发时的摘要不一致，请联系签发单位核查。",
        "The records kept differ from the digest at issue; please ask the office that issued it.",
    ),
    "false": text(
        "核验码有误，或者文件不是本平台签发的。请重新扫描原件上的二维码；仍查不到的，请谨防假冒。",
        "The code is wrong, or the document was not issued here. Scan the original again; beware of forgeries.",
    ),
}


def style() -> str:
    return (TEMPLATES / "verify.css").read_text("utf-8")


def verification_page(found: Verified | None) -> str:
    """The whole HTML page. Every value is escaped."""
    state = "unknown" if found is None else found.status
    tone, headline = HEADLINES.get(state, ("past", text("已失效", "Not valid any more")))
    page = Template((TEMPLATES / "verify.html").read_text("utf-8"))
    return page.substitute(
        style=STYLE_PATH, tone=tone, headline=_both(headline), advice=_both(ADVICE[tone]), rows=_rows(found)
    )


def _rows(found: Verified | None) -> str:
    if found is None:
        return ""
    rows: list[tuple[Text, Text | str]] = [
        (text("名称", "Title"), found.title),
        (text("编号", "Number"), found.number),
        (text("持有人", "Holder"), found.holder_masked),
        (text("签发单位", "Issued by"), found.issuer),
        (text("签发时间", "Issued at"), clock.city_time(found.issued_at).strftime("%Y-%m-%d %H:%M")),
        *found.rows,
    ]
    return "\n".join(f"<dt>{_both(label)}</dt><dd>{_shown(value)}</dd>" for label, value in rows)


def _shown(value: Text | str) -> str:
    return escape(value) if isinstance(value, str) else _both(value)


def _both(words: Text) -> str:
    english = f'<span lang="en">{escape(words.en)}</span>' if words.en else ""
    return f"<span>{escape(words.zh)}</span>{english}"
