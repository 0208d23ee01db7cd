"""
The form of a case against its guide, pure.

Saving is lenient, a half-typed number is kept; `fault_of` judges when the application is handed in.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from auth.documents import is_citizen_number
from kit.errors import FieldError, InvalidRequest
from kit.texts import Text, text
from mobileapi.catalogue.guide import FormField, Guide

Form = Mapping[str, str]
LONGEST = 500
_PHONE = re.compile(r"1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")


def saved_form(guide: Guide, before: Form, patch: Mapping[str, Any]) -> dict[str, str]:
    """
    The form after an autosave: values of `patch` replace, `null` and blanks remove.

    Raises: InvalidRequest naming every field the guide does not have and every value that cannot be kept.
    """
    known = {f.code: f for f in guide.form}
    faults = [f for code, value in patch.items() if (f := _unkeepable(known.get(code), code, value)) is not None]
    if faults:
        raise InvalidRequest(errors=faults)
    merged = {**before, **{code: "" if value is None else str(value).strip() for code, value in patch.items()}}
    return {code: value for code, value in merged.items() if value}


def _unkeepable(field: FormField | None, code: str, value: Any) -> FieldError | None:
    name = f"form.{code[:40]}"
    if field is None:
        return FieldError(field=name, code="extra_forbidden", detail=text("表单没有此项", "The form has no such field"))
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return FieldError(field=name, code="string_type", detail=text("应为文字", "This takes text"))
    if len(str(value)) > (field.max_length or LONGEST) or not _printable(str(value)):
        return FieldError(field=name, code="string_too_long", detail=text("内容太长或含有不可见字符", "Too long"))
    if field.type == "choice" and value and str(value) not in {o.value for o in field.options or []}:
        return FieldError(field=name, code="literal_error", detail=text("不在可选范围内", "Not among the options"))
    return None


def _printable(value: str) -> bool:
    return value.replace("\n", " ").replace("\t", " ").isprintable()


def fault_of(field: FormField, value: str, *, today: date) -> Text | None:
    """What is wrong with a value that is handed in; None when nothing is."""
    if field.type == "phone" and not _PHONE.fullmatch(value):
        return text(f"{field.label.zh}：电话号码不正确", "This is not a telephone number")
    if field.type == "id_number" and not is_citizen_number(value.upper(), today=today):
        return text(f"{field.label.zh}：证件号码不正确", "This is not a valid ID number")
    if field.type == "number" and not _NUMBER.fullmatch(value):
        return text(f"{field.label.zh}：应为数字", "This takes a number")
    if field.type == "date" and not _is_date(value):
        return text(f"{field.label.zh}：日期格式应为 2026-01-31", "Write the date as 2026-01-31")
    return None


def _is_date(value: str) -> bool:
    try:
        return 1900 <= date.fromisoformat(value).year <= 2200 and len(value) == 10
    except ValueError:
        return False


def masked_form(guide: Guide, form: Form) -> dict[str, str]:
    """For the desk: telephone and ID numbers are opened one by one, with a reason."""
    private = {f.code for f in guide.form if f.type in {"phone", "id_number"}}
    return {code: _masked(value) if code in private else value for code, value in form.items()}


def _masked(value: str) -> str:
    return f"{value[:3]}{'*' * max(len(value) - 7, 4)}{value[-4:]}" if len(value) > 7 else "*" * len(value)
