"""What each kind of mandate may be, pure: who answers, how long, what must be shown."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from auth.acting.config import ActingSettings
from auth.acting.errors import MandateScopeWrong
from auth.documents import born_on
from kit.texts import Text, text

Relation = Literal["spouse", "parent", "adult_child", "child", "incapacitated", "villager"]
OF_KIND: dict[str, frozenset[str]] = {
    "family": frozenset({"spouse", "parent", "adult_child"}),
    "guardian": frozenset({"child", "incapacitated"}),
    "village": frozenset({"villager"}),
}
ADULT = 18
RELATIONS: dict[str, Text] = {
    "spouse": text("配偶", "spouse"),
    "parent": text("父母", "parent"),
    "adult_child": text("成年子女", "grown-up child"),
    "child": text("未成年子女", "child"),
    "incapacitated": text("被监护人", "ward"),
    "villager": text("服务对象", "villager"),
    "firm": text("企业", "firm"),
}
KINDS: dict[str, Text] = {
    "representative": text("法定代表人", "Legal representative"),
    "operator": text("经办人", "Operator"),
    "family": text("家人代办", "Family"),
    "guardian": text("监护人", "Guardian"),
    "village": text("村居代办员", "Village agent"),
}
DOINGS: dict[str, Text] = {
    "read": text("查看", "See"),
    "file": text("申办", "File"),
    "pay": text("缴费", "Pay"),
    "consult": text("咨询", "Consult"),
}


@dataclass(frozen=True)
class Wish:
    """What somebody asks for. `number` is a resident ID number in its normal form."""

    kind: str
    relation: str
    number: str
    doings: Collection[str]
    valid_to: date | None
    evidence: Collection[object]
    consent: bool


def coming_of_age(born: date) -> date:
    """The day somebody becomes 18 (civil code art. 17); of 29 February on 1 March of a common year."""
    try:
        return born.replace(year=born.year + ADULT)
    except ValueError:
        return date(born.year + ADULT, 3, 1)


def longest(kind: str, *, today: date, settings: ActingSettings) -> date:
    """The last day a mandate of this kind may have when it begins today."""
    days = {"operator": settings.operator_days, "village": settings.village_days}.get(kind, settings.family_days)
    return today + timedelta(days=days)


def last_day(wish: Wish, *, today: date, settings: ActingSettings) -> date:
    """
    The mandate's last day: as wished, within what its kind allows; of a child the eve of the 18th birthday.

    Raises: MandateScopeWrong naming the field that does not fit.
    """
    if wish.relation not in OF_KIND[wish.kind]:
        raise MandateScopeWrong("relation", text("关系与代办类型不符", "This relation is not of this kind"))
    born = born_on(wish.number)
    assert born is not None, "the number was found to be one that could exist"
    of_age = coming_of_age(born)
    _refuse_wrong_age(wish, grown=of_age <= today)
    _refuse_unproven(wish)
    if wish.relation == "child":
        return of_age - timedelta(days=1)
    if wish.valid_to is None:
        raise MandateScopeWrong("valid_to", text("请选择截止日期", "Choose the last day"))
    refuse_too_long(wish.valid_to, today=today, end=longest(wish.kind, today=today, settings=settings))
    return wish.valid_to


def refuse_too_long(valid_to: date, *, today: date, end: date) -> None:
    """Raises MandateScopeWrong for a day that is over or beyond `end`."""
    if not today <= valid_to <= end:
        raise MandateScopeWrong(
            "valid_to", text(f"截止日期应在 {today} 至 {end} 之间", f"Choose from {today} to {end}")
        )


def _refuse_wrong_age(wish: Wish, *, grown: bool) -> None:
    if wish.relation == "child" and grown:
        raise MandateScopeWrong("number", text("子女已满十八周岁，请选择成年子女", "This child is of age already"))
    if wish.relation != "child" and not grown:
        raise MandateScopeWrong("number", text("未成年人由监护人代办", "A minor is represented by a guardian"))


def _refuse_unproven(wish: Wish) -> None:
    """Guardianship is proved, and a minor's data need a consent of their own (PIPL art. 28 to 31)."""
    if wish.kind == "guardian" and not wish.evidence:
        raise MandateScopeWrong("evidence", text("请上传监护证明", "Upload the proof of guardianship"))
    if (wish.kind == "guardian" or wish.evidence) and not wish.consent:
        raise MandateScopeWrong("consent", text("请单独同意处理所列敏感个人信息", "Agree to this separately"))
