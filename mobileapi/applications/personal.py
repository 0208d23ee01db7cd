"""What cases keep of a person. What was decided is kept as an archive; what was written and photographed is not."""

from auth.models import Citizen
from auth.privacy.contributors import Chapter, Contributor, Kept, Matter
from kit import clock
from kit.texts import text
from mobileapi.applications.cases import SYSTEM, move, open_form, state_of
from mobileapi.applications.models import Application, Change, Correction, Material
from mobileapi.applications.states import MOVES, CaseState
from mobileapi.materials.uploads import release_all

GROUND = "PIPL 13(1)(3), 34, 47; Archives Law"
CASES, FORMS = text("办件", "Cases"), text("申请表与材料", "Forms and papers")
TO_DECIDE = text("办理您申请的事项", "To decide what you ask for")
ARCHIVE = text("办理结果存档 30 年", "Results: 30 years, as archives")

KEPT = (
    Kept("applications_application", CASES, TO_DECIDE, GROUND, ARCHIVE, "pseudonymised"),
    Kept(
        "applications_material",
        FORMS,
        TO_DECIDE,
        GROUND,
        text("注销账号为止；草稿 180 天", "Until the account is closed; drafts 180 days"),
        "deleted",
    ),
    Kept("applications_correction", CASES, TO_DECIDE, GROUND, ARCHIVE, "kept"),
    Kept("applications_change", CASES, TO_DECIDE, GROUND, ARCHIVE, "kept"),
)
FINAL = [state for state, further in MOVES.items() if not further]


async def about(person: Citizen) -> list[Chapter]:
    cases = await Application.filter(citizen_id=person.id).order_by("created_at")
    return [Chapter("cases", CASES, [await _case(case) for case in cases])]


async def _case(case: Application) -> dict[str, object]:
    correction = await Correction.get_or_none(application=case)
    return {
        "item": case.item_name,
        "case_number": case.case_number,
        "state": case.state,
        "answers": case.answers,
        "form": open_form(case),
        "submitted_at": str(case.submitted_at or ""),
        "decided_at": str(case.decided_at or ""),
        "decision": case.decision,
        "correction": correction and correction.items,
        "materials": [
            {"kind": m.material_code, "uploads": m.uploads, "state": m.state, "reason": m.rejection}
            for m in await Material.filter(application=case)
        ],
        "history": [
            {"at": str(clock.city_time(c.at)), "by": c.shown_as, "state": c.to_state, "text": c.note}
            for c in await Change.filter(application=case).order_by("id")
        ],
    }


async def matters(person: Citizen) -> list[Matter]:
    own = Application.filter(citizen_id=person.id)
    drafts = await own.filter(state=CaseState.DRAFT).count()
    running = await own.exclude(state__in=[CaseState.DRAFT, *FINAL]).count()
    return [
        Matter(
            "cases_open",
            text("未办结的办件：请先撤回或等待办结", "Open cases: withdraw them or wait for the decision"),
            blocks=True,
            count=running,
            link="sub/case/list",
        ),
        Matter(
            "drafts",
            text("草稿：注销时删除", "Drafts: they are deleted"),
            blocks=False,
            count=drafts,
            link="sub/case/list",
        ),
    ]


async def forget(person: Citizen) -> list[str]:
    """Forms, answers and photographs go; item, numbers, days and decision stay."""
    for case in await Application.filter(citizen_id=person.id).select_for_update():
        await empty(case)
    return []


async def empty(case: Application) -> None:
    """Takes what the person wrote and photographed out of the locked case; a draft is withdrawn with it."""
    await Material.filter(application=case).delete()
    await release_all(f"application:{case.id}/")
    case.answers, case.form_sealed = {}, None
    if state_of(case) is CaseState.DRAFT:
        await move(case, CaseState.WITHDRAWN, by=SYSTEM)
    else:
        await case.save(update_fields=["answers", "form_sealed"])


async def subjects(person: Citizen) -> list[str]:
    ids = await Application.filter(citizen_id=person.id).values_list("id", flat=True)
    return [f"application:{id_}" for id_ in ids]


CONTRIBUTOR = Contributor("mobileapi.applications", KEPT, about, forget, matters=matters, subjects=subjects)
