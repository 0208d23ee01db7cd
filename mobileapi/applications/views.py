"""How a case is shown. `papers_of` fetches everything about it once; the rest is arranging."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from auth.acting.models import LegalPerson
from auth.citizens import citizen, masked_name, masked_phone
from auth.models import Citizen
from kit import clock, workdays
from kit.errors import FieldError
from kit.texts import Text
from kit.workdays import Calendar
from mobileapi.applications import clocks, schemas
from mobileapi.applications.cases import applicant_name, department_of, open_form, state_of
from mobileapi.applications.decisions import offered
from mobileapi.applications.forms import masked_form
from mobileapi.applications.models import Application, Change, Correction, Material
from mobileapi.applications.states import HANDED_OVER, HAPPENED, SHOWN_AS, WORDS, CaseState
from mobileapi.applications.submissions import citizen_id, missing_in
from mobileapi.catalogue.checklist import ChecklistEntry, materials_for
from mobileapi.catalogue.guide import Guide
from mobileapi.catalogue.items import guide_of_version
from mobileapi.certificates.certificates import of_application, verify_url
from mobileapi.certificates.models import Certificate
from mobileapi.certificates.schemas import pdf_url
from mobileapi.materials.models import Upload
from mobileapi.materials.schemas import upload_view
from mobileapi.materials.uploads import uploads_by_id


@dataclass(frozen=True)
class Papers:
    """A case and everything that belongs to it."""

    case: Application
    guide: Guide
    department: dict[str, Any]
    materials: dict[str, Material]
    uploads: dict[UUID, Upload]
    changes: list[Change]
    correction: Correction | None
    certificate: Certificate | None
    calendar: Calendar


async def papers_of(case: Application) -> Papers:
    rows = await Material.filter(application=case)
    return Papers(
        case, await guide_of_version(case.item_code, case.item_version), await department_of(case),
        {row.material_code: row for row in rows}, await uploads_by_id(UUID(u) for row in rows for u in row.uploads),
        await Change.filter(application=case).order_by("id"), await Correction.get_or_none(application=case),
        await of_application(case.id), await workdays.calendar(),
    )  # fmt: skip


async def application_view(
    case: Application, *, reader: str, language: str, masked: bool = False
) -> schemas.ApplicationView:
    """
    The citizen's view. `masked`: for answers that are kept for repeats of the same call, where telephone and ID
    numbers of the form have no business.
    """
    papers = await papers_of(case)
    state = state_of(case)
    missing = await missing_in(case, papers.guide) if state in {CaseState.DRAFT, CaseState.CORRECTION} else []
    form = open_form(case)
    return schemas.ApplicationView.model_validate({
        **_base(papers, reader=reader), "form": masked_form(papers.guide, form) if masked else form,
        "missing": [_missing(m, language) for m in missing], "actions": _citizen_actions(state),
        "on_behalf_of": None if reader == f"citizen:{citizen_id(case)}" else await _applicant(case),
        "receipt_url": f"/api/v1/applications/{case.id}/receipt.pdf" if case.case_number else None,
    })  # fmt: skip


def _missing(found: FieldError, language: str) -> dict[str, str]:
    return {"field": found.field, "code": found.code, "detail": found.detail.in_language(language)}


def _citizen_actions(state: CaseState) -> list[str]:
    if state is CaseState.DRAFT:
        return ["submit", "withdraw"]
    if state is CaseState.CORRECTION:
        return ["correct", "withdraw"]
    return ["withdraw"] if state in {CaseState.SUBMITTED, CaseState.RESUBMITTED, CaseState.ACCEPTED} else []


async def desk_view(case: Application, *, reader: str) -> schemas.DeskApplicationView:
    """The desk's view: identity and numbers masked, photographs by links made for this clerk."""
    papers = await papers_of(case)
    guide, form = papers.guide, masked_form(papers.guide, open_form(case))
    person = await citizen(citizen_id(case))
    results = {row["index"]: row["result"] for row in case.review}
    offers = offered(case, papers.correction, today=clock.today())
    return schemas.DeskApplicationView.model_validate({
        **_base(papers, reader=reader), "applicant": await _applicant(case), "acting": await _acting(papers),
        "form": form, "check_due": case.check_due,
        "citizen": {
            "id": person.id, "name_masked": masked_name(person), "phone_masked": masked_phone(person),
            "assurance": person.assurance,
        },
        "shown_answers": _shown_answers(guide, case.answers), "shown_form": _shown_form(guide, form),
        "review_points": [
            {"index": n, "text": point, "result": results.get(n)} for n, point in enumerate(guide.review_points)
        ],
        "actions": [{"action": o.action, "title": o.title, "needs": list(o.needs)} for o in offers],
    })  # fmt: skip


async def _applicant(case: Application) -> dict[str, Any]:
    owner = citizen_id(case)
    firm = await LegalPerson.exists(account_id=owner)
    return {"id": owner, "kind": "legal_person" if firm else "citizen", "name": await applicant_name(case)}


async def _acting(papers: Papers) -> str | None:
    """Who last did something for the applicant; nobody when the applicant did it."""
    by_citizens = [change.actor for change in papers.changes if change.actor.startswith("citizen:")]
    if not by_citizens or by_citizens[-1] == f"citizen:{citizen_id(papers.case)}":
        return None
    return shown_name(await citizen(UUID(by_citizens[-1].removeprefix("citizen:"))))


def _base(papers: Papers, *, reader: str) -> dict[str, Any]:
    case, state = papers.case, state_of(papers.case)
    return {
        "id": case.id, "region": case.region_code, "case_number": case.case_number, "version": case.version,
        "item": {
            "code": case.item_code, "name": case.item_name, "version": case.item_version,
            "department": papers.department,
        },
        "state": SHOWN_AS[state], "state_text": WORDS[SHOWN_AS[state]], "answers": case.answers,
        "materials": [_material(papers, entry, reader) for entry in materials_for(papers.guide, case.answers)],
        "timeline": [_entry(change) for change in papers.changes], "holder": _holder(papers),
        "clock": _clock(papers), "expected_date": _expected(papers), "corrections": _corrections(papers.correction),
        "decision": _decision(papers), "certificate": _certificate(papers.certificate),
        "created_at": clock.city_time(case.created_at), "saved_at": clock.city_time(case.saved_at),
        "submitted_at": clock.city_time(case.submitted_at) if case.submitted_at else None,
    }  # fmt: skip


def _material(papers: Papers, entry: ChecklistEntry, reader: str) -> dict[str, Any]:
    row, material = papers.materials.get(entry.material.code), entry.material
    state = row.state if row else "pre_satisfied" if entry.satisfied_by else "empty"
    found = [papers.uploads[UUID(u)] for u in row.uploads if UUID(u) in papers.uploads] if row else []
    return {
        "code": material.code, "name": material.name, "necessity": material.necessity, "state": state,
        "reason": entry.reason, "note": material.note,
        "rejection": {"reason": row.rejection} if row and row.rejection else None,
        "uploads": [upload_view(u, reader=reader).model_dump() for u in found],
    }  # fmt: skip


def _entry(change: Change) -> dict[str, Any]:
    return {
        "at": clock.city_time(change.at), "to": SHOWN_AS[CaseState(change.to_state)],
        "from_": SHOWN_AS[CaseState(change.from_state)] if change.from_state else None,
        "text": _happened(change), "by": Text.model_validate(change.shown_as), "note": change.note,
    }  # fmt: skip


def _happened(change: Change) -> Text:
    return HANDED_OVER if change.from_state == change.to_state else HAPPENED[CaseState(change.to_state)]


def _holder(papers: Papers) -> dict[str, Any] | None:
    if papers.case.case_number is None:
        return None
    return {"department": papers.department["name"], "name": papers.case.holder_name or None}


def _clock(papers: Papers) -> dict[str, Any] | None:
    """Runs from acceptance to the decision."""
    case = papers.case
    if state_of(case) is not CaseState.ACCEPTED or case.accepted_at is None or case.desk_due is None:
        return None
    stands = clocks.standing(
        clock.city_time(case.accepted_at).date(), due_on=case.desk_due, today=clock.today(), calendar=papers.calendar
    )
    return {
        "started_at": clock.city_time(case.accepted_at), "promised_due": case.promised_due,
        "statutory_due": case.statutory_due, "working_days_left": stands.left, "light": stands.light,
        "deemed": case.deemed,
    }  # fmt: skip


def _expected(papers: Papers) -> date | None:
    if papers.case.decided_at is not None or state_of(papers.case) is CaseState.WITHDRAWN:
        return None
    return clocks.expected_date(
        check_due_on=papers.case.check_due, promised_due=papers.case.promised_due,
        statutory_due=papers.case.statutory_due, promise=papers.guide.promised_limit, calendar=papers.calendar,
    )  # fmt: skip


def _corrections(correction: Correction | None) -> list[dict[str, Any]]:
    if correction is None:
        return []
    items = [
        {
            "material": i["code"] if i["kind"] == "material" else None,
            "field": i["code"] if i["kind"] == "field" else None,
            "reason": i["reason"], "replaced": i["replaced_at"] is not None,
        }
        for i in correction.items
    ]  # fmt: skip
    answered = clock.city_time(correction.answered_at) if correction.answered_at else None
    return [{
        "id": correction.id, "at": clock.city_time(correction.at), "deadline": correction.deadline, "items": items,
        "answered_at": answered,
    }]  # fmt: skip


def _decision(papers: Papers) -> dict[str, Any] | None:
    case = papers.case
    if case.decision is None or case.decided_at is None:
        return None
    return {**case.decision, "remedies": papers.guide.remedies, "decided_at": clock.city_time(case.decided_at)}


def _certificate(issued: Certificate | None) -> dict[str, Any] | None:
    if issued is None:
        return None
    return {"id": issued.id, "number": issued.number, "url": pdf_url(issued), "verify_url": verify_url(issued.code)}


def _shown_answers(guide: Guide, answers: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"question": q.text, "answer": o.text}
        for q in guide.questions
        for o in q.options
        if answers.get(q.code) == o.value
    ]


def _shown_form(guide: Guide, form: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "code": f.code, "label": f.label, "masked": f.type in {"phone", "id_number"},
            "value": next((o.text.zh for o in f.options or [] if o.value == form[f.code]), form[f.code]),
        }
        for f in guide.form if f.code in form
    ]  # fmt: skip


def shown_name(person: Citizen) -> str:
    return masked_name(person) or masked_phone(person) or ""
