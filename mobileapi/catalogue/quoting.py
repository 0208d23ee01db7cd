"""
What the paragraphs of a guide say, in words that can be quoted. Pure; mobileapi/catalogue/paragraphs.py names them.

A paragraph is known again in another version by what it says: one that only moved is the same paragraph.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from kit.texts import Text, text
from mobileapi.catalogue.guide import Guide, GuideMaterial, Place, Step, TimeLimit
from mobileapi.catalogue.paragraphs import CHAPTERS

NECESSITY = {
    "required": text("必要", "required"),
    "optional": text("非必要", "optional"),
    "deferrable": text("可容缺后补", "may follow later"),
}
FORM = {
    "original": text("原件", "original"),
    "copy": text("复印件", "copy"),
    "electronic": text("电子件", "electronic"),
}
DELIVERY = {
    "counter": text("窗口领取", "at the counter"),
    "mail": text("邮寄", "by mail"),
    "electronic": text("电子证照", "electronic"),
}
DAYS = {
    "working_days": text("个工作日", "working days"),
    "natural_days": text("个自然日", "days"),
}


@dataclass(frozen=True)
class Paragraph:
    """`at`: its name; `heading`: what stands over it; `words`: what it says."""

    at: str
    heading: Text
    words: Text

    @property
    def digest(self) -> str:
        """64 hex characters that are others when the paragraph says something else."""
        told = "\0".join((self.heading.zh, self.heading.en or "", self.words.zh, self.words.en or ""))
        return hashlib.sha256(told.encode()).hexdigest()

    @property
    def chapter(self) -> str:
        return self.at.partition(".")[0]


def paragraphs_of(guide: Guide) -> list[Paragraph]:
    """Every paragraph that can be quoted, in the order of the guide's page."""
    return [one for part in _PARTS for one in part(guide)]


def paragraph_of(guide: Guide, at: str) -> Paragraph | None:
    return next((one for one in paragraphs_of(guide) if one.at == at), None)


def found_again(guide: Guide, at: str, *, digest: str) -> Paragraph | None:
    """The paragraph of another version, there or elsewhere in its chapter; None: it says something else, or is gone."""
    same = paragraph_of(guide, at)
    if same is not None and same.digest == digest:
        return same
    chapter = at.partition(".")[0]
    return next((one for one in paragraphs_of(guide) if one.chapter == chapter and one.digest == digest), None)


def _conditions(guide: Guide) -> Iterator[Paragraph]:
    heading = CHAPTERS["conditions"]
    yield from (Paragraph(f"conditions.{n}", heading, words) for n, words in enumerate(guide.conditions, 1))


def _materials(guide: Guide) -> Iterator[Paragraph]:
    if guide.materials:
        yield Paragraph("materials", CHAPTERS["materials"], _listed([_short(one) for one in guide.materials]))
    yield from (Paragraph(f"materials.{one.code}", one.name, _material(one)) for one in guide.materials)


def _short(material: GuideMaterial) -> Text:
    kind = FORM[material.form]
    return text(f"{material.name.zh}（{kind.zh}）", f"{_en(material.name)} ({kind.en})")


def _material(material: GuideMaterial) -> Text:
    form, need = FORM[material.form], NECESSITY[material.necessity]
    more = [one for one in (material.reason, material.note) if one is not None]
    zh = f"{form.zh} {material.copies} 份，{need.zh}。" + "".join(_ended(one.zh) for one in more)
    return text(zh, " ".join([f"{form.en}, {material.copies}, {need.en}.", *map(_en, more)]))


def _steps(guide: Guide) -> Iterator[Paragraph]:
    if guide.steps:
        yield Paragraph("steps", CHAPTERS["steps"], _listed([one.name for one in guide.steps]))
    yield from (Paragraph(f"steps.{n}", one.name, _step(one)) for n, one in enumerate(guide.steps, 1))


def _step(step: Step) -> Text:
    if not step.working_days:
        return step.who
    return text(f"{step.who.zh}，{step.working_days} 个工作日", f"{_en(step.who)}, {step.working_days} working days")


def _cost(guide: Guide) -> Iterator[Paragraph]:
    promised, statutory, fee = _limit(guide.promised_limit), _limit(guide.statutory_limit), guide.fee
    charge = text("不收费", "free of charge")
    if fee.charged:
        yuan = f"{fee.amount_fen // 100}.{fee.amount_fen % 100:02}"
        charge = (
            text(f"收费 {yuan} 元", f"{yuan} yuan") if fee.amount_fen else text("按标准收费", "charged by standard")
        )
    zh = f"承诺 {promised.zh} 办结，法定 {statutory.zh}；{charge.zh}。{_ended(fee.basis.zh)}"
    en = f"Promised {promised.en}, by law {statutory.en}; {charge.en}. {_en(fee.basis)}"
    yield Paragraph("cost", CHAPTERS["cost"], text(zh, en))


def _limit(limit: TimeLimit) -> Text:
    if not limit.days:
        return text("当场", "at once")
    return text(f"{limit.days} {DAYS[limit.unit].zh}", f"{limit.days} {DAYS[limit.unit].en}")


def _places(guide: Guide) -> Iterator[Paragraph]:
    yield from (Paragraph(f"places.{n}", one.name, _place(one)) for n, one in enumerate(guide.places, 1))


def _place(place: Place) -> Text:
    windows = [place.windows] if place.windows else []
    phone = f"，电话 {place.phone}" if place.phone else ""
    zh = "，".join(one.zh for one in (place.address, *windows, place.hours)) + phone
    return text(
        zh, ", ".join([*(_en(one) for one in (place.address, *windows, place.hours)), place.phone]).rstrip(", ")
    )


def _result(guide: Guide) -> Iterator[Paragraph]:
    ways = [DELIVERY[one] for one in guide.result.delivery]
    zh = guide.result.name.zh + (f"（{'、'.join(one.zh for one in ways)}）" if ways else "")
    en = _en(guide.result.name) + (f" ({', '.join(str(one.en) for one in ways)})" if ways else "")
    yield Paragraph("result", CHAPTERS["result"], text(zh, en))


def _law(guide: Guide) -> Iterator[Paragraph]:
    for n, basis in enumerate(guide.legal_basis, 1):
        heading = text(f"《{basis.law.zh}》{basis.article.zh}", f"{_en(basis.law)}, {_en(basis.article)}")
        yield Paragraph(f"law.{n}", heading, basis.text)


def _faq(guide: Guide) -> Iterator[Paragraph]:
    yield from (Paragraph(f"faq.{n}", one.q, one.a) for n, one in enumerate(guide.faq, 1))


def _contact(guide: Guide) -> Iterator[Paragraph]:
    consult, complaint = guide.channels.consult, guide.channels.complaint
    zh = f"咨询 {consult}，监督投诉 {complaint}。{_ended(guide.remedies.zh)}"
    words = text(zh, f"Questions {consult}, complaints {complaint}. {_en(guide.remedies)}")
    yield Paragraph("contact", CHAPTERS["contact"], words)


_PARTS = (_conditions, _materials, _steps, _cost, _places, _result, _law, _faq, _contact)


def _listed(parts: list[Text]) -> Text:
    zh = "；".join(f"{n}. {one.zh}" for n, one in enumerate(parts, 1))
    return text(f"{zh}。", "; ".join(f"{n}. {_en(one)}" for n, one in enumerate(parts, 1)))


def _en(words: Text) -> str:
    return words.en or words.zh


def _ended(sentence: str) -> str:
    return sentence if not sentence or sentence[-1] in "。！？；" else f"{sentence}。"
