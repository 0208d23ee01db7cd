"""Drafts: begun, saved as one types, photographs attached."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from auth.acting import deeds
from auth.acting.deeds import Done, both
from auth.acting.models import LegalPerson
from auth.acting.standing import Principal, standing_for
from auth.attestation.faces import require_level
from kit import audit, clock, db
from kit.errors import NotFound
from kit.ids import new_id
from kit.texts import Text
from kit.web import Actor
from mobileapi.applications.access import own_application
from mobileapi.applications.cases import by, note_beginning, open_form, seal_form, state_of, use_name
from mobileapi.applications.errors import (
    CaseNotOpen,
    DraftChanged,
    NotAskedFor,
    NotForThisApplicant,
    NotOnline,
    RegionNotServed,
)
from mobileapi.applications.forms import saved_form
from mobileapi.applications.models import Application, Correction, Material
from mobileapi.applications.states import CaseState
from mobileapi.catalogue.checklist import refuse_strange_answers
from mobileapi.catalogue.guide import Guide
from mobileapi.catalogue.items import current_guide, guide_of_version
from mobileapi.materials.uploads import hold, own_uploads

REGION_PATH = """
WITH RECURSIVE upwards(code, parent_code, distance) AS (
  SELECT code, parent_code, 0 FROM auth_region WHERE code = $1
  UNION ALL
  SELECT r.code, r.parent_code, u.distance + 1 FROM upwards u JOIN auth_region r ON r.code = u.parent_code
  WHERE u.distance < 8
)
SELECT code FROM upwards ORDER BY distance
"""


async def begin(
    actor: Actor, *, item: str, region: str, answers: Mapping[str, str], on_behalf_of: UUID | None = None
) -> Application:
    """
    A draft of the item under its present guide, the actor's or of whom they act for. Whoever has one open for the item
    and region goes on with it.

    Raises: NotFound (item, or no mandate), AssuranceTooLow, NotOnline, RegionNotServed, NotForThisApplicant,
    InvalidRequest (answers).
    """
    owner = on_behalf_of or actor.id
    principal = None if owner == actor.id else await standing_for(actor, owner, doing="file", item=item)
    version, guide = await current_guide(item)
    await require_level(actor, guide.assurance)
    _refuse_wrong_applicant(guide, principal)
    path = await _served(guide, region)
    refuse_strange_answers(guide, answers)
    async with db.transaction():
        if principal is not None:
            await standing_for(actor, owner, doing="file", item=item)
        draft, fresh = await _open_draft(_draft(owner, guide, version=version, path=path, answers=answers))
        if fresh:
            await note_beginning(draft, by=await by(actor, draft))
            await note_deed(actor, draft, "case.begun")
        elif answers:
            await _save(draft, await guide_of_version(item, draft.item_version), answers=answers, form={})
    return draft


async def prepare(
    staff: Actor, owner: UUID, *, item: str, region: str, answers: Mapping[str, str], why: str
) -> Application:
    """
    A draft for a citizen to go on with, begun by staff who talk with them. Of one that is open only questions without
    an answer are filled in; nothing is filed, and the level of the item is asked for when the citizen hands it in.

    Raises: NotFound (item), NotOnline, RegionNotServed, NotForThisApplicant, InvalidRequest (answers).
    """
    version, guide = await current_guide(item)
    path = await _served(guide, region)
    applicant = "organisation" if await LegalPerson.exists(account_id=owner) else "person"
    if applicant not in guide.audience:
        raise NotForThisApplicant
    refuse_strange_answers(guide, answers)
    async with db.transaction():
        draft, fresh = await _open_draft(_draft(owner, guide, version=version, path=path, answers=answers))
        if fresh:
            await note_beginning(draft, by=await by(staff, draft), note=why)
        else:
            await _fill_in(draft, answers)
        await audit.record(actor=staff.name, action="case.prepared", subject=f"application:{draft.id}", fresh=fresh)
    return draft


async def _fill_in(draft: Application, answers: Mapping[str, str]) -> None:
    guide = await guide_of_version(draft.item_code, draft.item_version)
    fitting = {q.code: {o.value for o in q.options} for q in guide.questions}
    more = {q: a for q, a in answers.items() if q not in draft.answers and a in fitting.get(q, ())}
    if more:
        await _save(draft, guide, answers=more, form={})


async def _served(guide: Guide, region: str) -> list[str]:
    """The region and those above it. Raises NotOnline, RegionNotServed."""
    if guide.online == "none":
        raise NotOnline
    path = [row["code"] for row in await db.fetch(REGION_PATH, region)]
    if not set(path) & set(guide.regions):
        raise RegionNotServed
    return path


async def _open_draft(fresh: Application) -> tuple[Application, bool]:
    """The applicant's open draft of the item and region, locked; whether it is this one. One at most is open."""
    await Application.bulk_create([fresh], ignore_conflicts=True)
    draft = await (
        Application.filter(
            citizen_id=fresh.citizen_id, item_code=fresh.item_code, region_code=fresh.region_code,  # type: ignore[attr-defined]
            state=CaseState.DRAFT,
        ).select_for_update().get()
    )  # fmt: skip
    return draft, draft.id == fresh.id


def _refuse_wrong_applicant(guide: Guide, principal: Principal | None) -> None:
    """Whether the item is for people or for firms stands in its guide."""
    if principal is not None:
        applicant = "organisation" if principal.kind == "legal_person" else "person"
        if applicant not in guide.audience:
            raise NotForThisApplicant


async def note_deed(actor: Actor, case: Application, action: str) -> None:
    """When somebody acts for the applicant: both names in the audit log, and a deed the applicant is shown."""
    owner: UUID = case.citizen_id  # type: ignore[attr-defined]  # Tortoise adds the column's own name
    if owner == actor.id:
        return
    done = Done(action, f"application:{case.id}", Text.model_validate(case.item_name))
    await deeds.note(actor, owner, done, doing="file", item=case.item_code)
    if action == "case.begun":
        await audit.record(actor=actor.name, action=action, subject=done.subject, **both(actor, owner))


def _draft(owner: UUID, guide: Guide, *, version: int, path: list[str], answers: Mapping[str, str]) -> Application:
    now = clock.now()
    return Application(
        id=new_id(), citizen_id=owner, item_code=guide.code, item_version=version,
        item_name=guide.name.model_dump(), department_code=guide.department, region_code=path[0], region_path=path,
        state=CaseState.DRAFT.value, answers=dict(answers), created_at=now, saved_at=now,
    )  # fmt: skip


async def save(
    actor: Actor,
    id: UUID,  # noqa: A002 - the id of the case
    *,
    version: int,
    answers: Mapping[str, str | None],
    form: Mapping[str, Any],
) -> Application:
    """
    Keeps what was typed so far. In a correction only the fields it names.

    Raises: NotFound, DraftChanged when `version` is not the present one, CaseNotOpen, NotAskedFor, InvalidRequest.
    """
    async with db.transaction():
        case = await own_application(actor, id, doing="file", lock=True)
        if state_of(case) not in {CaseState.DRAFT, CaseState.CORRECTION}:
            raise CaseNotOpen
        if case.version != version:
            raise DraftChanged(case.version)
        if state_of(case) is CaseState.CORRECTION:
            if answers:
                raise NotAskedFor
            await _mark_replaced(case, [("field", code) for code in form])
        await _save(case, await guide_of_version(case.item_code, case.item_version), answers=answers, form=form)
    return case


async def _save(case: Application, guide: Guide, *, answers: Mapping[str, str | None], form: Mapping[str, Any]) -> None:
    merged = {code: value for code, value in {**case.answers, **answers}.items() if value is not None}
    refuse_strange_answers(guide, merged)
    seal_form(case, saved_form(guide, open_form(case), form))
    case.answers = merged
    case.version += 1
    case.saved_at = clock.now()
    await case.save()


async def attach(actor: Actor, id: UUID, material: str, *, uploads: Sequence[UUID]) -> Application:  # noqa: A002
    """
    Puts exactly these photographs, in this order, to a material of the guide. In a correction only to those it names.

    Raises: NotFound (case, or a material the guide does not have), CaseNotOpen, NotAskedFor, NoSuchUpload.
    """
    async with db.transaction():
        case = await own_application(actor, id, doing="file", lock=True)
        if state_of(case) not in {CaseState.DRAFT, CaseState.CORRECTION}:
            raise CaseNotOpen
        guide = await guide_of_version(case.item_code, case.item_version)
        if guide.material(material) is None:
            raise NotFound
        if state_of(case) is CaseState.CORRECTION:
            await _mark_replaced(case, [("material", material)])
        lying = await _attached(case, material)
        await own_uploads(actor.name, [upload for upload in uploads if upload not in lying])
        await hold(uploads, used_by=use_name(case, material))
        await _put(case, material, uploads)
        case.saved_at = clock.now()
        await case.save(update_fields=["saved_at"])
    return case


async def _attached(case: Application, material: str) -> set[UUID]:
    """What lies there already stays, whoever of those acting for the applicant took the photograph."""
    row = await Material.get_or_none(application=case, material_code=material)
    return {UUID(upload) for upload in row.uploads} if row else set()


async def _put(case: Application, material: str, uploads: Sequence[UUID]) -> None:
    if not uploads:
        await Material.filter(application=case, material_code=material).delete()
        return
    values = {
        "uploads": [str(u) for u in uploads], "state": "attached", "rejection": None, "changed_at": clock.now(),
    }  # fmt: skip
    await Material.update_or_create(defaults=values, application=case, material_code=material)


async def _mark_replaced(case: Application, replaced: Sequence[tuple[str, str]]) -> None:
    """Notes in the correction what the citizen has changed. Raises NotAskedFor for anything it does not name."""
    correction = await Correction.get(application=case)
    asked = {(i["kind"], i["code"]): i for i in correction.items}
    for name in replaced:
        if name not in asked:
            raise NotAskedFor
        asked[name]["replaced_at"] = clock.now().isoformat()
    await correction.save(update_fields=["items"])
