"""Shapes judged by pydantic, and its findings told in words of the house: never with the values that were sent."""

import re
from typing import Any

from pydantic import BaseModel, ValidationError

from kit.errors import FieldError, InvalidRequest
from kit.texts import text


def validated(shape: type[BaseModel], value: Any, *, where: str) -> BaseModel:
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        raise InvalidRequest(errors=field_errors(error, where=where)) from None


def field_errors(error: ValidationError, *, where: str = "") -> list[FieldError]:
    """Pydantic's findings without the values that were sent: an ID number must not come back in an answer."""
    found = []
    for item in error.errors(include_input=False, include_url=False, include_context=False):
        path = ".".join(_name(part) for part in item["loc"]) or where
        found.append(FieldError(field=path, code=item["type"], detail=_in_words(item["type"], item["msg"])))
    return found


def _name(part: int | str) -> str:
    """A name as ours are; anything else was made up by the sender and may be what it should not be."""
    return str(part) if isinstance(part, int) or _OURS.fullmatch(part) else "?"


_OURS = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}")
_WORDS = {
    "missing": "缺少此项",
    "extra_forbidden": "不认识的字段",
    "string_too_long": "内容太长",
    "string_too_short": "内容太短",
    "enum": "不在可选范围内",
    "literal_error": "不在可选范围内",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "string_type": "应为文字",
    "uuid_parsing": "编号格式不对",
    "string_pattern_mismatch": "格式不对",
}


def _in_words(kind: str, english: str) -> Any:
    return text(_WORDS.get(kind, "内容不符合要求"), english)
