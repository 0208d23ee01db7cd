"""My materials: what this citizen needs, by the answers given. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from kit.errors import FieldError, InvalidRequest
from kit.texts import Text, text
from mobileapi.catalogue.guide import Guide, GuideMaterial


@dataclass(frozen=True)
class Because:
    """The answer that brought a material onto the list."""

    question: str
    value: str
    answer: Text


@dataclass(frozen=True)
class ChecklistEntry:
    """
    One material of the list. `satisfied_by` names what stands in for it, e.g. `{"kind": "shared_data"}`: what offices
    hold themselves must not be demanded again (State Council rules on online government services 2019, art. 7).
    """

    material: GuideMaterial
    reason: Text
    because: Because | None
    satisfied_by: Mapping[str, str] | None = None


def materials_for(guide: Guide, answers: Mapping[str, str]) -> list[ChecklistEntry]:
    """The materials that apply, in the guide's order. One that waits for an unanswered question is not on it yet."""
    return [_entry(m, guide, answers=answers) for m in guide.materials if applies(m, answers)]


def applies(material: GuideMaterial, answers: Mapping[str, str]) -> bool:
    return all(answers.get(question) in values for question, values in (material.when or {}).items())


def unanswered(guide: Guide, answers: Mapping[str, str]) -> list[str]:
    """Codes of the questions that are still open, in the guide's order."""
    return [q.code for q in guide.questions if q.code not in answers]


def refuse_strange_answers(guide: Guide, answers: Mapping[str, str]) -> None:
    """Raises InvalidRequest naming every answer that fits no question of the guide."""
    known = {q.code: {o.value for o in q.options} for q in guide.questions}
    strange = [q for q, value in answers.items() if value not in known.get(q, set())]
    if strange:
        raise InvalidRequest(errors=[_strange(question, known=question in known) for question in strange])


def _strange(question: str, *, known: bool) -> FieldError:
    if known:
        return FieldError(
            field=f"answers.{question}", code="literal_error", detail=text("不在可选范围内", "Not among the options")
        )
    return FieldError(
        field=f"answers.{question[:40]}",
        code="extra_forbidden",
        detail=text("没有这个问题", "There is no such question"),
    )


def _entry(material: GuideMaterial, guide: Guide, *, answers: Mapping[str, str]) -> ChecklistEntry:
    shared = {"kind": "shared_data"} if material.source == "government" else None
    return ChecklistEntry(material, material.reason, _because(material, guide, answers=answers), shared)


def _because(material: GuideMaterial, guide: Guide, *, answers: Mapping[str, str]) -> Because | None:
    for code in material.when or {}:
        question = next(q for q in guide.questions if q.code == code)
        option = next(o for o in question.options if o.value == answers[code])
        return Because(code, option.value, option.text)
    return None
