"""The desk's acts on a case. Each is judged against the state and the version the clerk was looking at."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from auth.citizens import citizen
from kit import audit, clock, db, events, workdays
from kit.config import current
from kit.errors import FieldError
from kit.texts import Text, text
from kit.web import Actor
from mobileapi.applications import gates
from mobileapi.applications.access import desk_application
from mobileapi.applications.cases import By, by, move, state_of
from mobileapi.applications.clocks import due
from mobileapi.applications.config import ApplicationSettings
from mobileapi.applications.errors import (
    CaseChanged,
    CaseNotOpen,
    CorrectionAlreadyRequested,
    NotInTheGuide,
    ReasonMissing,
    ReviewIncomplete,
)
from mobileapi.applications.events import (
    ApplicationAccepted,
    ApplicationDecided,
    ApplicationNotAccepted,
    CorrectionRequested,
)
from mobileapi.applications.models import Application, Correction, Material
from mobileapi.applications.states import CaseState
from mobileapi.applications.submissions import citizen_id
from mobileapi.catalogue.checklist import materials_for
from mobileapi.catalogue.guide import Guide
from mobileapi.catalogue.items import guide_of_version
from mobileapi.certificates.certificates import issue

Need = Literal["items", "reason", "legal_basis", "review"]


@dataclass(frozen=True)
class ActionOffer:
    action: str
    title: Text
    needs: tuple[Need, ...]
    out_of: frozenset[CaseState]


_S = CaseState
ACTIONS = {
    offer.action: offer
    for offer in (
        ActionOffer("accept", text("受理", "Accept"), (), frozenset({_S.SUBMITTED, _S.RESUBMITTED})),
        ActionOffer(
            "request_correction", text("一次性告知补正", "Ask for a correction"), ("items",), frozenset({_S.SUBMITTED})
        ),
        ActionOffer(
            "refuse_acceptance", text("不予受理", "Refuse acceptance"), ("reason", "legal_basis"),
            frozenset({_S.SUBMITTED, _S.RESUBMITTED, _S.CORRECTION}),
        ),
        ActionOffer("approve", text("准予", "Approve"), ("review",), frozenset({_S.ACCEPTED})),
        ActionOffer("refuse", text("不予", "Refuse"), ("reason", "legal_basis"), frozenset({_S.ACCEPTED})),
    )
}  # fmt: skip


@dataclass(frozen=True)
class AskedItem:
    """One thing to complete: a material or a form field of the guide."""

    kind: Literal["material", "field"]
    code: str
    reason: str


@dataclass(frozen=True)
class Order:
    """What the clerk sends along."""

    version: int
    note: str | None = None
    items: Sequence[AskedItem] = ()
    review: Mapping[int, str] = field(default_factory=dict)  # review point → pass, fail, na
    reason: str | None = None
    legal_basis: str | None = None


@dataclass(frozen=True)
class _Desk:
    """Everything an act works with."""

    case: Application
    guide: Guide
    order: Order
    by: By


def offered(case: Application, correction: Correction | None, *, today: date) -> list[ActionOffer]:
    """What can be done with the case now. A correction is given up for the citizen only after its deadline."""
    state = state_of(case)
    if state is CaseState.CORRECTION and (correction is None or today <= correction.deadline):
        return []
    return [offer for offer in ACTIONS.values() if state in offer.out_of]


async def act(actor: Actor, id: UUID, action: str, *, order: Order) -> Application:  # noqa: A002 - the id of the case
    """
    Does what the clerk orders, once, on the case as the clerk saw it.

    Raises: NotFound, CorrectionAlreadyRequested, CaseChanged, CaseNotOpen, NotInTheGuide, ReviewIncomplete,
    ReasonMissing, IssuerHasNoCode.
    """
    async with db.transaction():
        case = await desk_application(actor, id, lock=True)
        correction = await Correction.get_or_none(application=case)
        if action == "request_correction" and correction is not None:
            raise CorrectionAlreadyRequested
        if case.version != order.version:
            raise CaseChanged(case.version)
        if action not in {offer.action for offer in offered(case, correction, today=clock.today())}:
            raise CaseNotOpen
        guide = await guide_of_version(case.item_code, case.item_version)
        _judge(case, guide, order)
        await _ACTS[action](_Desk(case, guide, order, await by(actor)))
        await audit.record(
            actor=actor.name, action=f"case.{action}", subject=f"application:{case.id}", version=order.version,
            review={str(k): v for k, v in order.review.items()},
        )  # fmt: skip
    return case


def _judge(case: Application, guide: Guide, order: Order) -> None:
    """Keeps the review points judged so far. Raises ReviewIncomplete for a point the guide does not have."""
    strange = [index for index in order.review if not 0 <= index < len(guide.review_points)]
    if strange:
        raise ReviewIncomplete(
            errors=[_point(index, text("没有这个审查要点", "There is no such point")) for index in strange]
        )
    merged = {row["index"]: row["result"] for row in case.review} | dict(order.review)
    case.review = [{"index": index, "result": merged[index]} for index in sorted(merged)]


def _point(index: int, detail: Text) -> FieldError:
    return FieldError(field=f"review.{index}", code="review_incomplete", detail=detail)


async def _accept(desk: _Desk) -> None:
    await accept_case(desk.case, desk.guide, by=desk.by, since=clock.now(), note=desk.order.note, deemed=False)


async def accept_case(
    case: Application, guide: Guide, *, by: By, since: datetime, note: str | None, deemed: bool
) -> None:
    """Starts both clocks on the office day of `since`."""
    calendar, start = await workdays.calendar(), clock.city_time(since).date()
    case.accepted_at, case.deemed, case.check_due = since, deemed, None
    case.promised_due = due(start, guide.promised_limit, calendar)
    case.statutory_due = due(start, guide.statutory_limit, calendar)
    case.desk_due = min(case.promised_due, case.statutory_due)
    await Material.filter(application=case).update(state="accepted")
    await move(case, CaseState.ACCEPTED, by=by, note=note)
    assert case.case_number is not None, "a filed case has a number"
    await events.publish(
        ApplicationAccepted(
            case.id, citizen_id(case), case.case_number, case.item_code, deemed, case.promised_due, case.statutory_due
        )
    )


async def _request_correction(desk: _Desk) -> None:
    case, items = desk.case, desk.order.items
    _refuse_what_the_guide_does_not_ask(desk.guide, case, items)
    calendar = await workdays.calendar()
    deadline = calendar.add_workdays(clock.today(), current(ApplicationSettings).correction_workdays)
    rows = [{"kind": i.kind, "code": i.code, "reason": i.reason, "replaced_at": None} for i in items]
    await Correction.create(application=case, at=clock.now(), by=desk.by.name, deadline=deadline, items=rows)
    for item in items:
        if item.kind == "material":
            await Material.filter(application=case, material_code=item.code).update(
                state="rejected", rejection=item.reason
            )
    case.check_due, case.desk_due = None, deadline
    await move(case, CaseState.CORRECTION, by=desk.by, note=desk.order.note)
    assert case.case_number is not None, "a filed case has a number"
    await events.publish(CorrectionRequested(case.id, citizen_id(case), case.case_number, case.item_code, deadline))


def _refuse_what_the_guide_does_not_ask(guide: Guide, case: Application, items: Sequence[AskedItem]) -> None:
    """No material outside the published checklist may be demanded (State Council rules on online services art. 7)."""
    materials = {e.material.code for e in materials_for(guide, case.answers) if e.satisfied_by is None}
    allowed = {("material", code) for code in materials} | {("field", f.code) for f in guide.form}
    names = [(item.kind, item.code) for item in items]
    wrong = [n for n, name in enumerate(names) if name not in allowed or name in names[:n]]
    if wrong or not items:
        raise NotInTheGuide(
            errors=[FieldError(field=f"items.{n}", code=NotInTheGuide.code, detail=NotInTheGuide.title) for n in wrong]
        )


async def _refuse_acceptance(desk: _Desk) -> None:
    case = desk.case
    _decide(case, desk.order, outcome="not_accepted")
    case.check_due = case.desk_due = None
    await move(case, CaseState.NOT_ACCEPTED, by=desk.by, note=_with_reason(desk.order))
    assert case.case_number is not None, "a filed case has a number"
    await events.publish(ApplicationNotAccepted(case.id, citizen_id(case), case.case_number, case.item_code))


async def _approve(desk: _Desk) -> None:
    case, guide = desk.case, desk.guide
    judged = {row["index"]: row["result"] for row in case.review}
    open_points = [n for n in range(len(guide.review_points)) if judged.get(n) not in {"pass", "na"}]
    if open_points:
        raise ReviewIncomplete(errors=[_point(n, guide.review_points[n]) for n in open_points])
    await gates.pass_all(case, guide)
    _decide(case, desk.order, outcome="approved")
    await move(case, CaseState.APPROVED, by=desk.by, note=desk.order.note)
    await _tell_decided(case, "approved", certificate=await _certificate(case, guide))


async def _certificate(case: Application, guide: Guide) -> UUID | None:
    """The document the item ends in, issued in the transaction of the decision."""
    if guide.result.kind != "certificate":
        return None
    assert case.case_number is not None, "a filed case has a number"
    issued = await issue(
        application=case.id, case_number=case.case_number, holder=await citizen(citizen_id(case)), item=guide.code,
        item_name=guide.name, title=guide.result.name, department=guide.department,
        valid_years=guide.result.valid_years,
    )  # fmt: skip
    return issued.id


async def _refuse(desk: _Desk) -> None:
    _decide(desk.case, desk.order, outcome="refused")
    await move(desk.case, CaseState.REFUSED, by=desk.by, note=_with_reason(desk.order))
    await _tell_decided(desk.case, "refused", certificate=None)


def _decide(case: Application, order: Order, *, outcome: str) -> None:
    """A refusal is written with its reason and basis (administrative licence law art. 38). Raises ReasonMissing."""
    if outcome != "approved" and not (order.reason and order.legal_basis):
        wanted = [name for name in ("reason", "legal_basis") if not getattr(order, name)]
        raise ReasonMissing(errors=[FieldError(field=n, code="missing", detail=ReasonMissing.title) for n in wanted])
    case.decided_at, case.desk_due = clock.now(), None
    case.decision = {"outcome": outcome, "reason": order.reason or "", "legal_basis": order.legal_basis or ""}


def _with_reason(order: Order) -> str:
    said = f"理由：{order.reason}；依据：{order.legal_basis}"
    return f"{said}。{order.note}" if order.note else said


async def _tell_decided(case: Application, outcome: str, *, certificate: UUID | None) -> None:
    assert case.case_number is not None, "a filed case has a number"
    await events.publish(
        ApplicationDecided(case.id, citizen_id(case), case.case_number, case.item_code, outcome, certificate)
    )


_ACTS: dict[str, Callable[[_Desk], Awaitable[None]]] = {
    "accept": _accept,
    "request_correction": _request_correction,
    "refuse_acceptance": _refuse_acceptance,
    "approve": _approve,
    "refuse": _refuse,
}
