"""How a legal ground is called in front of citizens: the law by its own name, the article as lawyers count it."""

import re

from kit.texts import Text, text

LAWS = {
    "PIPL": text("《个人信息保护法》", "Personal Information Protection Law"),
    "Accounting Archives Measures": text("《会计档案管理办法》", "Accounting Archives Measures"),
    "Fiscal Receipts Measures": text("《财政票据管理办法》", "Fiscal Receipts Measures"),
    "Archives Law": text("《档案法》", "Archives Law"),
    "Civil Code": text("《民法典》", "Civil Code"),
    "Cybersecurity Law": text("《网络安全法》", "Cybersecurity Law"),
    "State Council Decree 716": text("国务院令第 716 号", "State Council Decree 716"),
}
ARTICLE = re.compile(r"(\d+)(?:-(\d+))?(?:\((\d+)\))?(?:\((\d+)\))?")


def law(ground: str) -> Text:
    """`"PIPL 13(1)(3), 34; Archives Law"` in both languages. Raises KeyError for a law that has no name here."""
    named = [_named(one) for one in ground.split("; ")]
    return text("；".join(one.zh for one in named), "; ".join(one.en or one.zh for one in named))


def _named(one: str) -> Text:
    if one in LAWS:
        return LAWS[one]
    name, _, articles = re.match(r"(\D+)( )(.+)", one).groups()  # type: ignore[union-attr]
    known = LAWS[name]
    return text(known.zh + "、".join(map(_article, ARTICLE.findall(articles))), f"{known.en} art. {articles}")


def _article(parts: tuple[str, str, str, str]) -> str:
    first, last, paragraph, item = parts
    said = f"第 {first} 至 {last} 条" if last else f"第 {first} 条"
    return said + (f"第 {paragraph} 款" if paragraph else "") + (f"第 {item} 项" if item else "")
