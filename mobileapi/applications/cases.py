"""A case: its state, its form, its history. The one place a state changes."""

import json
from dataclasses import dataclass
from typing import Any

from auth.acting.models import LegalPerson
from auth.acting.standing import shown
from auth.citizens import citizen
from auth.models import Department
from auth.staff import staff_member
from kit import clock, crypto, db
from kit.texts import Text, text
from kit.web import Actor
from mobileapi.applications.errors import CaseNotOpen
from mobileapi.applications.models import Application, Change
from mobileapi.applications.states import MOVES, CaseState


@dataclass(frozen=True)
class By:
    """Who moves a case: the name for the records, and what the citizen reads."""

    name: str
    shown_as: Text


SYSTEM = By("system", text("系统", "The system"))


async def by(actor: Actor, case: Application | None = None) -> By:
    """
    A citizen is the applicant, or acts for the applicant and both are named; a clerk is named with the department, as
    on paper.
    """
    if actor.kind == "citizen":
        return await _by_citizen(actor, case)
    person = await staff_member(actor.id)
    department = Text.model_validate(person.department.name)
    return By(actor.name, text(f"{department.zh} {person.name}", f"{department.en or department.zh}, {person.name}"))


async def _by_citizen(actor: Actor, case: Application | None) -> By:
    if case is None or case.citizen_id == actor.id:  # type: ignore[attr-defined]  # Tortoise adds the column's own name
        return By(actor.name, text("申请人", "The applicant"))
    applicant, agent = await applicant_name(case), shown(await citizen(actor.id))
    return By(actor.name, text(f"{applicant}（经办：{agent}）", f"{applicant} (through {agent})"))


async def applicant_name(case: Application) -> str:
    """The applicant as others may read it: a firm by its name, a person masked."""
    owner = case.citizen_id  # type: ignore[attr-defined]
    firm = await LegalPerson.get_or_none(account_id=owner)
    return firm.name if firm is not None else shown(await citizen(owner))


def state_of(case: Application) -> CaseState:
    return CaseState(case.state)


async def move(case: Application, to: CaseState, *, by: By, note: str | None = None) -> None:
    """
    Moves the locked case, saves it with everything else that was set on it, and writes the change row.

    Raises: CaseNotOpen when the graph has no such move.
    """
    assert db.transaction_is_open(), "a case is moved in the transaction that locked it"
    origin = state_of(case)
    if to not in MOVES[origin]:
        raise CaseNotOpen
    case.state = to.value
    case.version += 1
    case.saved_at = clock.now()
    await case.save()
    await Change.create(
        application=case, at=case.saved_at, actor=by.name, shown_as=by.shown_as.model_dump(),
        from_state=origin.value, to_state=to.value, note=note,
    )  # fmt: skip


async def note_beginning(case: Application, *, by: By, note: str | None = None) -> None:
    """The first row of the history."""
    await Change.create(
        application=case, at=case.created_at, actor=by.name, shown_as=by.shown_as.model_dump(), from_state=None,
        to_state=case.state, note=note,
    )  # fmt: skip


def seal_form(case: Application, form: dict[str, str]) -> None:
    """What people write about themselves is kept sealed, bound to the case."""
    case.form_sealed = crypto.seal(json.dumps(form, ensure_ascii=False), bound_to=_form_of(case))


def open_form(case: Application) -> dict[str, str]:
    if case.form_sealed is None:
        return {}
    opened: dict[str, str] = json.loads(crypto.unseal(case.form_sealed, bound_to=_form_of(case)))
    return opened


def _form_of(case: Application) -> str:
    return f"applications_application.form:{case.id}"


def use_name(case: Application, material: str) -> str:
    """Under which name a material of the case holds its uploads."""
    return f"application:{case.id}/{material}"


async def department_of(case: Application) -> dict[str, Any]:
    row = await Department.get_or_none(code=case.department_code)
    return {"code": case.department_code, "name": row.name if row else {"zh": case.department_code}}
