"""
The message templates the sandbox has approved, and the rules their values keep.

A rule is WeChat's for the prefix of a field's name; Alipay's fields are `keyword1`, `keyword2` … and have a length.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

HAN = "\u3400-\u4dbf\u4e00-\u9fff"
PUNCTUATION = re.escape("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
CLOCK = r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?"
DAY = r"\d{4}(年\d{1,2}月\d{1,2}日|-\d{1,2}-\d{1,2}|/\d{1,2}/\d{1,2})"
_SHAPES = {
    "thing": r"[^\n\r]{1,20}",
    "number": r"(?=.{1,32}$)\d+(\.\d+)?",
    "letter": r"[A-Za-z]{1,32}",
    "symbol": rf"[{PUNCTUATION}]{{1,5}}",
    "character_string": rf"[A-Za-z0-9{PUNCTUATION}]{{1,32}}",
    "time": rf"({DAY} ?)?{CLOCK}(~({DAY} ?)?{CLOCK})?",
    "date": rf"{DAY}( ?{CLOCK})?",
    "amount": r"[¥￥$€£]?\d{1,10}(\.\d+)?元?",
    "phone_number": rf"[0-9{PUNCTUATION}]{{1,17}}",
    "car_number": rf"[{HAN}]?[A-Z0-9]{{1,7}}[{HAN}]?",
    "name": rf"(?=.*[{HAN}])[^\d]{{1,10}}|[^\d{HAN}]{{1,20}}",
    "phrase": rf"[{HAN}]{{1,5}}",
    "keyword": r"[^\n\r]{1,64}",
}
FIELD = re.compile(r"([a-z_]+?)(\d+)")


@dataclass(frozen=True)
class Template:
    """`fields`: name → the label people see before the value."""

    platform: str
    kind: str
    title: str
    fields: dict[str, str]


TEMPLATES = (
    Template("wechat", "answers", "咨询回复提醒", {"thing1": "咨询事项", "thing2": "温馨提示", "time3": "回复时间"}),
    Template(
        "wechat", "cases", "办件进度通知",
        {"thing1": "事项名称", "character_string2": "受理编号", "phrase3": "办理状态", "time4": "更新时间"},
    ),
    Template("wechat", "bills", "缴费提醒", {"thing1": "缴费项目", "phrase2": "缴费状态", "date3": "日期"}),
    Template(
        "alipay", "answers", "咨询回复提醒", {"keyword1": "咨询事项", "keyword2": "温馨提示", "keyword3": "回复时间"}
    ),
    Template(
        "alipay", "cases", "办件进度通知", {"keyword1": "事项名称", "keyword2": "受理编号", "keyword3": "办理状态"}
    ),
    Template("alipay", "bills", "缴费提醒", {"keyword1": "缴费项目", "keyword2": "缴费状态", "keyword3": "日期"}),
)  # fmt: skip


def fault_in(template: Template, data: object, *, wrapped: Callable[[object], object]) -> str | None:
    """The first field that breaks a rule, or None. `wrapped(entry)` takes the value out of its wrapping."""
    if not isinstance(data, dict):
        return next(iter(template.fields))
    for name in template.fields:
        value = wrapped(data.get(name))
        found = FIELD.fullmatch(name)
        assert found is not None
        if not isinstance(value, str) or not re.fullmatch(_SHAPES[found[1]], value):
            return name
    return next((str(name) for name in data if name not in template.fields), None)
