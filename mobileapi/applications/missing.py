"""
What an application still needs, pure and all at once: the citizen is told everything in one go (State Council
business-environment regulation art. 36).
"""

from collections.abc import Mapping, Sequence
from datetime import date

from kit.errors import FieldError
from kit.texts import Text, text
from mobileapi.applications.forms import Form, fault_of
from mobileapi.catalogue.checklist import ChecklistEntry, materials_for, unanswered
from mobileapi.catalogue.guide import FormField, Guide

Attached = Mapping[str, Sequence[bool]]  # material code → for each photograph whether it is usable


def missing_things(
    guide: Guide, answers: Mapping[str, str], form: Form, attached: Attached, *, today: date
) -> list[FieldError]:
    """
    Everything in the way of handing in, in the order of the pages: `answers.x`, `form.x`, `materials.x`, each with
    code `missing`, `invalid` or `unusable`. Empty: complete.
    """
    return [
        *(_unanswered(guide, code) for code in unanswered(guide, answers)),
        *(found for field in guide.form if (found := _form_fault(field, form.get(field.code, ""), today)) is not None),
        *(
            found
            for entry in materials_for(guide, answers)
            if (found := _material_fault(entry, attached.get(entry.material.code, ()))) is not None
        ),
    ]


def _unanswered(guide: Guide, code: str) -> FieldError:
    question = next(q for q in guide.questions if q.code == code)
    return _missing(f"answers.{code}", text(f"请回答：{question.text.zh}", f"Please answer: {_english(question.text)}"))


def _form_fault(field: FormField, value: str, today: date) -> FieldError | None:
    name = f"form.{field.code}"
    if not value:
        words = text(f"请填写：{field.label.zh}", f"Please fill in: {_english(field.label)}")
        return _missing(name, words) if field.required else None
    fault = fault_of(field, value, today=today)
    return FieldError(field=name, code="invalid", detail=fault) if fault else None


def _material_fault(entry: ChecklistEntry, pages: Sequence[bool]) -> FieldError | None:
    material, name = entry.material, f"materials.{entry.material.code}"
    if pages and not all(pages):
        words = text(
            f"照片不清晰，请重拍：{material.name.zh}", f"Cannot be read, photograph again: {_english(material.name)}"
        )
        return FieldError(field=name, code="unusable", detail=words)
    if pages or material.necessity != "required" or entry.satisfied_by is not None:
        return None
    return _missing(name, text(f"请拍照上传：{material.name.zh}", f"Please photograph: {_english(material.name)}"))


def _missing(field: str, detail: Text) -> FieldError:
    return FieldError(field=field, code="missing", detail=detail)


def _english(words: Text) -> str:
    return words.en or words.zh
