"""The citizen's acts on a case: handing in, completing, withdrawing."""

from uuid import UUID

from auth.acting.deeds import both
from auth.attestation.faces import require_level
from kit import audit, clock, db, events, workdays
from kit.errors import FieldError
from kit.texts import text
from kit.web import Actor
from mobileapi.applications.access import own_application
from mobileapi.applications.cases import by, move, open_form, state_of, use_name
from mobileapi.applications.clocks import check_due
from mobileapi.applications.drafts import note_deed
from mobileapi.applications.errors import ApplicationIncomplete, CaseNotOpen
from mobileapi.applications.events import ApplicationSubmitted, ApplicationWithdrawn
from mobileapi.applications.holders import holder_for
from mobileapi.applications.missing import missing_things
from mobileapi.applications.models import Application, Correction, Material
from mobileapi.applications.numbers import next_case_number
from mobileapi.applications.states import CaseState
from mobileapi.catalogue.checklist import materials_for
from mobileapi.catalogue.guide import Guide
from mobileapi.catalogue.items import guide_of_version
from mobileapi.materials.uploads import release, release_all, uploads_by_id

CONSENT = FieldError(
    field="consent", code="missing", detail=text("请阅读并同意承诺书", "Please read and agree to the statement")
)


async def submit(actor: Actor, id: UUID, *, consent: bool) -> Application:  # noqa: A002 - the id of the case
    """
    Hands the draft in: a case number, a holder and five working days for the desk. Handing in again changes nothing.

    Raises: NotFound, AssuranceTooLow, ApplicationIncomplete with everything that is missing, CaseNotOpen.
    """
    async with db.transaction():
        case = await own_application(actor, id, doing="file", lock=True)
        if case.case_number is not None:
            return case
        if state_of(case) is not CaseState.DRAFT:
            raise CaseNotOpen
        guide = await guide_of_version(case.item_code, case.item_version)
        await require_level(actor, guide.assurance)
        missing = await missing_in(case, guide)
        if missing or not consent:
            raise ApplicationIncomplete(errors=[*missing, *([] if consent else [CONSENT])])
        await _drop_what_does_not_apply(case, guide)
        await _received(case)
        await _number_and_hold(case)
        await move(case, CaseState.SUBMITTED, by=await by(actor, case))
        await audit.record(
            actor=actor.name, action="case.submitted", subject=f"application:{case.id}", case_number=case.case_number,
            item=case.item_code, item_version=case.item_version, consent=True, **both(actor, citizen_id(case)),
        )  # fmt: skip
        await note_deed(actor, case, "case.submitted")
        await _tell_submitted(case, completed=False)
    return case


async def missing_in(case: Application, guide: Guide) -> list[FieldError]:
    """What the case still needs; in a correction also what it asked for and nobody has replaced."""
    rows = await Material.filter(application=case)
    uploads = await uploads_by_id(UUID(u) for row in rows for u in row.uploads)
    usable = {str(id_): upload.usable for id_, upload in uploads.items()}
    attached = {row.material_code: [usable.get(u, False) for u in row.uploads] for row in rows}
    found = missing_things(guide, case.answers, open_form(case), attached, today=clock.today())
    if state_of(case) is not CaseState.CORRECTION:
        return found
    named = {f.field for f in found}
    return found + [f for f in await _not_replaced(case) if f.field not in named]


async def _not_replaced(case: Application) -> list[FieldError]:
    correction = await Correction.get(application=case)
    return [
        FieldError(
            field=f"{'materials' if item['kind'] == 'material' else 'form'}.{item['code']}", code="missing",
            detail=text(f"尚未按要求补正：{item['reason']}", "Not corrected yet as asked"),
        )
        for item in correction.items
        if item["replaced_at"] is None
    ]  # fmt: skip


async def _drop_what_does_not_apply(case: Application, guide: Guide) -> None:
    """Photographs of materials the answers make needless are not collected (personal information law art. 6)."""
    applies = {entry.material.code for entry in materials_for(guide, case.answers)}
    for row in await Material.filter(application=case).exclude(material_code__in=applies):
        await release(use_name(case, row.material_code))
        await row.delete()


async def _number_and_hold(case: Application) -> None:
    holder = await holder_for(case.item_code, case.region_code)
    case.case_number = await next_case_number()
    case.submitted_at = case.received_at
    case.holder_staff, case.holder_name, case.holder_reason = holder.staff, holder.name, holder.reason


async def _received(case: Application) -> None:
    """From today the desk has its five working days."""
    case.received_at = clock.now()
    case.check_due = case.desk_due = check_due(clock.today(), await workdays.calendar())


async def _tell_submitted(case: Application, *, completed: bool) -> None:
    assert case.case_number is not None, "a filed case has a number"
    await events.publish(
        ApplicationSubmitted(
            case.id, citizen_id(case), case.case_number, case.item_code, case.region_code, case.holder_staff, completed
        )
    )


def citizen_id(case: Application) -> UUID:
    found: UUID = case.citizen_id  # type: ignore[attr-defined]  # Tortoise adds the column's own name
    return found


async def answer_correction(actor: Actor, id: UUID) -> Application:  # noqa: A002 - the id of the case
    """
    Hands in what the correction asked for; the desk's five working days begin anew.

    Raises: NotFound, ApplicationIncomplete, CaseNotOpen. Handing in again changes nothing.
    """
    async with db.transaction():
        case = await own_application(actor, id, doing="file", lock=True)
        if state_of(case) is CaseState.RESUBMITTED:
            return case
        if state_of(case) is not CaseState.CORRECTION:
            raise CaseNotOpen
        missing = await missing_in(case, await guide_of_version(case.item_code, case.item_version))
        if missing:
            raise ApplicationIncomplete(errors=missing)
        await Correction.filter(application=case).update(answered_at=clock.now())
        await _received(case)
        await move(case, CaseState.RESUBMITTED, by=await by(actor, case))
        await audit.record(
            actor=actor.name, action="case.correction_answered", subject=f"application:{case.id}",
            **both(actor, citizen_id(case)),
        )  # fmt: skip
        await note_deed(actor, case, "case.correction_answered")
        await _tell_submitted(case, completed=True)
    return case


async def withdraw(actor: Actor, id: UUID, *, reason: str | None) -> Application:  # noqa: A002 - the id of the case
    """
    Takes the application back, as long as it is not decided; a draft is emptied. Again changes nothing.

    Raises: NotFound, CaseNotOpen.
    """
    async with db.transaction():
        case = await own_application(actor, id, doing="file", lock=True)
        if state_of(case) is CaseState.WITHDRAWN:
            return case
        case.desk_due = None
        if state_of(case) is CaseState.DRAFT:
            await _emptied(case)
        await move(case, CaseState.WITHDRAWN, by=await by(actor, case), note=reason)
        await audit.record(
            actor=actor.name, action="case.withdrawn", subject=f"application:{case.id}",
            **both(actor, citizen_id(case)),
        )  # fmt: skip
        await note_deed(actor, case, "case.withdrawn")
        if case.case_number is not None:
            await events.publish(ApplicationWithdrawn(case.id, citizen_id(case), case.case_number, case.item_code))
    return case


async def _emptied(case: Application) -> None:
    case.answers, case.form_sealed = {}, None
    await Material.filter(application=case).delete()
    await release_all(f"application:{case.id}/")
