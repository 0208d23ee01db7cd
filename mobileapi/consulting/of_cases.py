"""Cards of cases: how one stands, and what is to be photographed again."""

from collections.abc import Sequence
from typing import Any

from auth.acting.standing import standing_for
from chat.cards import Asked
from kit.errors import NotFound
from kit.texts import Text, text
from kit.web import Actor
from mobileapi.applications.access import desk_application
from mobileapi.applications.models import Application, Correction
from mobileapi.applications.states import SHOWN_AS, WORDS, CaseState
from mobileapi.catalogue.guide import Guide
from mobileapi.catalogue.items import guide_of_version
from mobileapi.consulting.faces import Face, Maker, Part, id_of, ids_of

OVER = {CaseState.APPROVED, CaseState.REFUSED, CaseState.NOT_ACCEPTED, CaseState.WITHDRAWN}
ANSWERED = text("已补正", "Corrected")


async def _cases(asked: Sequence[Asked]) -> dict[str, Application]:
    wanted = ids_of([one.ref for one in asked])
    return {wanted[case.id]: case for case in await Application.filter(id__in=list(wanted))}


async def applications(asked: Sequence[Asked]) -> list[Face | None]:
    found = await _cases(asked)
    return [_application(found[one.ref]) if one.ref in found and one.at is None else None for one in asked]


def _application(case: Application) -> Face:
    state = CaseState(case.state)
    due = case.desk_due if state in {CaseState.ACCEPTED, CaseState.CORRECTION} else None
    return Face(
        Text.model_validate(case.item_name), state=SHOWN_AS[state], state_text=WORDS[SHOWN_AS[state]], due_on=due,
        number=case.case_number, version=case.item_version, done=state in OVER,
    )  # fmt: skip


async def corrections(asked: Sequence[Asked]) -> list[Face | None]:
    """Of a case that was asked to be completed, and until it is decided; `at` one of the things asked for."""
    found = await _cases(asked)
    rows = {
        str(row.application_id): row  # type: ignore[attr-defined]
        for row in await Correction.filter(application_id__in=[case.id for case in found.values()])
    }
    told: list[Face | None] = []
    for one in asked:
        case = found.get(one.ref)
        row = rows.get(str(case.id)) if case else None
        told.append(await _correction(case, row, at=one.at) if case and row else None)
    return told


async def _correction(case: Application, correction: Correction, *, at: str | None) -> Face | None:
    guide = await guide_of_version(case.item_code, case.item_version)
    parts = tuple(_part(guide, item) for item in correction.items if at in {None, item["code"]})
    if not parts:
        return None
    state = CaseState(case.state)
    waiting = state is CaseState.CORRECTION and correction.answered_at is None
    words = WORDS[SHOWN_AS[state]] if waiting or state in OVER else ANSWERED
    return Face(
        Text.model_validate(case.item_name), state="waiting" if waiting else "answered", state_text=words,
        due_on=correction.deadline, number=case.case_number, parts=parts, done=not waiting,
    )  # fmt: skip


def _part(guide: Guide, item: dict[str, Any]) -> Part:
    material = guide.material(item["code"]) if item["kind"] == "material" else None
    labels = {field.code: field.label for field in guide.form}
    name = material.name if material else labels.get(item["code"], text(item["code"]))
    return Part(item["kind"], item["code"], name, item["reason"], replaced=item["replaced_at"] is not None)


async def open_to(citizen: Actor, refs: Sequence[str]) -> set[str]:
    """Their own, and those of whom they may read the case of today."""
    wanted = ids_of(refs)
    rows = await Application.filter(id__in=list(wanted)).values_list("id", "citizen_id", "item_code")
    theirs = set()
    for case, owner, item in rows:
        if owner == citizen.id or await _acts_for(citizen, owner, item):
            theirs.add(wanted[case])
    return theirs


async def _acts_for(citizen: Actor, owner: Any, item: str) -> bool:
    try:
        await standing_for(citizen, owner, doing="read", item=item)
    except NotFound:
        return False
    return True


async def shown_by(staff: Actor, ref: str) -> None:
    await desk_application(staff, id_of(ref))


APPLICATION = Maker(applications, open_to, shown_by)
CORRECTION = Maker(corrections, open_to, shown_by)
