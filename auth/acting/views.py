"""How mandates are shown to either side, and to the clerk who examines them. Reads only."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from auth.acting import evidence, schemas
from auth.acting.accounts import open_claim
from auth.acting.kinds import KINDS, RELATIONS, coming_of_age
from auth.acting.mandates import agent_id, principal_id, state_of
from auth.acting.models import Appointment, Deed, LegalPerson, Mandate, MandateChange
from auth.acting.standing import shown
from auth.acting.states import SHOWN_AS, AppointmentState, MandateState
from auth.citizens import open_name
from auth.documents import born_on, is_credit_code, masked
from auth.duties import item_names
from auth.models import Citizen
from kit import clock, crypto
from kit.texts import Text, text

_S = MandateState
DEEDS: dict[str, Text] = {
    "case.begun": text("开始填写申请", "Began an application"),
    "case.submitted": text("提交申请", "Handed in an application"),
    "case.correction_answered": text("提交补正材料", "Handed in a correction"),
    "case.withdrawn": text("撤回申请", "Withdrew an application"),
    "order.opened": text("发起缴费", "Began to pay"),
    "consultation.opened": text("发起咨询", "Asked a question"),
}


async def mandates_shown(found: Sequence[Mandate], *, viewer: UUID, side: str) -> list[schemas.MandateView]:
    """`side`: agent or principal, of the viewer."""
    people = {
        p.id: p
        for p in await Citizen.filter(
            id__in=[i for m in found for i in (principal_id(m), agent_id(m)) if i is not None]
        )
    }
    firms = {f.account_id: f for f in await LegalPerson.filter(account_id__in=list(people))}  # type: ignore[attr-defined]
    names = await item_names({code for m in found for code in m.items or ()})
    notes = await _last_notes(found)
    return [
        schemas.MandateView(
            id=m.id, kind=m.kind, kind_text=KINDS[m.kind], relation=m.relation, relation_text=RELATIONS[m.relation],
            state=SHOWN_AS[state_of(m)], asked_by=m.asked_by, principal=_principal(m, people, firms, side=side),
            agent=_agent(m, people), doings=m.doings, items=_items(m, names), manages=m.manages,
            valid_from=m.valid_from, valid_to=m.valid_to, asked_at=clock.city_time(m.asked_at),
            reason=notes.get(m.id, ""), warnings=list(m.flags), actions=_actions(m, viewer, side=side),
            version=m.version,
        )
        for m in found
    ]  # fmt: skip


async def _last_notes(found: Sequence[Mandate]) -> dict[UUID, str]:
    rows = await MandateChange.filter(mandate_id__in=[m.id for m in found]).order_by("id").values("mandate_id", "note")
    return {row["mandate_id"]: row["note"] for row in rows}


def _principal(
    mandate: Mandate, people: dict[UUID, Citizen], firms: dict[UUID, LegalPerson], *, side: str
) -> schemas.PartyView:
    """The asker sees the name they wrote themselves; an account found by it tells them nothing more."""
    account = principal_id(mandate)
    firm = firms.get(account) if account else None
    kind = "legal_person" if mandate.relation == "firm" else "citizen"
    if firm is not None:
        return schemas.PartyView(id=account, kind="legal_person", name=firm.name, credit_code=firm.credit_code)
    name = open_claim(mandate)[0] if side == "agent" and mandate.claimed_sealed else ""
    stands = mandate.state == _S.ACTIVE
    known = people.get(account) if account else None
    named = name or (shown(known) if known else "")
    return schemas.PartyView(id=account if stands or side == "principal" else None, kind=kind, name=named)


def _agent(mandate: Mandate, people: dict[UUID, Citizen]) -> schemas.PartyView:
    agent = agent_id(mandate)
    if agent is not None:
        return schemas.PartyView(id=agent, kind="citizen", name=shown(people[agent]))
    assert mandate.phone_sealed is not None, "who has no account yet was invited by phone"
    phone = crypto.unseal(mandate.phone_sealed, bound_to=f"acting_mandate.phone:{mandate.id}")
    return schemas.PartyView(id=None, kind="citizen", name=f"{phone[:3]}****{phone[-4:]}")


def _items(mandate: Mandate, names: dict[str, Text]) -> list[schemas.ItemView] | None:
    return None if mandate.items is None else items_shown(mandate.items, names)


def items_shown(codes: Iterable[str], names: dict[str, Text]) -> list[schemas.ItemView]:
    return [schemas.ItemView(code=code, name=names.get(code)) for code in codes]


def _actions(mandate: Mandate, viewer: UUID, *, side: str) -> list[Any]:
    """What the viewer may do with it now."""
    state = state_of(mandate)
    if state is _S.ASKED and mandate.asked_by != side:
        return ["accept", "refuse"]
    if state in {_S.ASKED, _S.EXAMINING}:
        return ["revoke"] if mandate.asked_by == side else []
    if state is not _S.ACTIVE or mandate.kind == "guardian":
        return []
    if side == "agent":
        return ["resign"]
    return [] if mandate.kind == "representative" and agent_id(mandate) != viewer else ["revoke"]


def deed_shown(deed: Deed, agent: Citizen) -> schemas.DeedView:
    return schemas.DeedView(
        at=clock.city_time(deed.at), action=deed.action, action_text=DEEDS.get(deed.action, text(deed.action)),
        about=Text.model_validate(deed.about) if deed.about else None, subject=deed.subject, agent=shown(agent),
    )  # fmt: skip


async def briefs_shown(found: Sequence[Mandate]) -> list[schemas.DeskMandateBrief]:
    agents = {p.id: p for p in await Citizen.filter(id__in=[agent_id(m) for m in found if agent_id(m)])}
    return [_brief(m, agents) for m in found]


def _brief(mandate: Mandate, agents: dict[UUID, Citizen]) -> schemas.DeskMandateBrief:
    agent = agent_id(mandate)
    return schemas.DeskMandateBrief(
        id=mandate.id, kind=mandate.kind, kind_text=KINDS[mandate.kind], relation_text=RELATIONS[mandate.relation],
        state=state_of(mandate), principal_masked=_masked(open_claim(mandate)[0], firm=mandate.relation == "firm"),
        agent_masked=shown(agents[agent]) if agent else "", region=mandate.region_code,
        asked_at=clock.city_time(mandate.asked_at), version=mandate.version,
    )  # fmt: skip


def _masked(name: str, *, firm: bool) -> str:
    if firm or not name:
        return name
    return name[0] + "*" * (len(name) - 1) if len(name) <= 2 else f"{name[0]}{'*' * (len(name) - 2)}{name[-1]}"


async def desk_shown(mandate: Mandate, *, reader: str) -> schemas.DeskMandateView:
    """With the evidence by links made for this clerk; the caller leaves the audit row."""
    (brief,) = await briefs_shown([mandate])
    name, number = open_claim(mandate)
    state, names = state_of(mandate), await item_names(mandate.items or ())
    rows = await MandateChange.filter(mandate=mandate).order_by("id")
    offered = {_S.EXAMINING: ["approve", "refuse"], _S.ACTIVE: ["revoke"]}.get(state, [])
    return schemas.DeskMandateView.model_validate(
        {
            **brief.model_dump(), "claimed_name": name, "claimed_number_masked": masked(number) if number else "",
            "doings": mandate.doings, "items": _items(mandate, names), "valid_from": mandate.valid_from,
            "valid_to": mandate.valid_to, "flags": mandate.flags, "checks": await _checks(mandate, name, number),
            "evidence": await evidence.shown(mandate, reader=reader), "changes": [_change(row) for row in rows],
            "actions": offered,
        }
    )  # fmt: skip


def _change(row: MandateChange) -> schemas.ChangeView:
    return schemas.ChangeView(
        at=clock.city_time(row.at), from_=MandateState(row.from_state) if row.from_state else None,
        to=MandateState(row.to_state), by=row.actor.partition(":")[0], note=row.note,
    )  # fmt: skip


async def _checks(mandate: Mandate, name: str, number: str) -> list[schemas.CheckView]:
    """The check-list beside the evidence; what the office can tell itself it tells."""
    if mandate.kind == "representative":
        fits = "fits" if is_credit_code(number) else "differs"
        return [
            _check(text("代码与营业执照一致（校验位见右）", "The code is the licence's; check symbol:"), fits),
            _check(text("企业名称与执照一致", "The name is the licence's"), "unknown"),
            _check(text("申请人是执照上的法定代表人", "The asker is the representative on it"), "unknown"),
        ]
    known = await Citizen.get_or_none(id_number_index=mandate.claimed_index)
    same = "unknown" if known is None else "fits" if open_name(known) == name else "differs"
    checks = [
        _check(text("姓名与证件号一致（与本平台账号比对）", "Name and number belong together"), same),
        _check(text(f"证明材料写明关系：{RELATIONS[mandate.relation].zh}", "The papers prove the relation"), "unknown"),
    ]
    if mandate.relation == "child":
        born = born_on(number)
        minor = born is not None and coming_of_age(born) > clock.today()
        checks.append(
            _check(text("被代办人未满十八周岁", "The represented is under 18"), "fits" if minor else "differs")
        )
    else:
        checks.append(_check(text("被代办人签名或公证的委托书", "An authorisation signed or notarised"), "unknown"))
    return checks


def _check(words: Text, known: str) -> schemas.CheckView:
    return schemas.CheckView.model_validate({"text": words, "known": known})


async def appointments_shown(found: Sequence[Appointment]) -> list[schemas.AppointmentView]:
    names = await item_names({code for a in found for code in a.items})
    agents = {p.id: p for p in await Citizen.filter(id__in=[a.agent_id for a in found])}  # type: ignore[attr-defined]
    return [
        schemas.AppointmentView(
            id=a.id, agent_masked=shown(agents[a.agent_id]), department=a.department_code,  # type: ignore[attr-defined]
            region=a.region_code, items=items_shown(a.items, names), state=_appointment_state(a), valid_to=a.valid_to,
            appointed_at=clock.city_time(a.appointed_at),
        )
        for a in found
    ]  # fmt: skip


def _appointment_state(appointment: Appointment) -> str:
    over = appointment.state == AppointmentState.ACTIVE and appointment.valid_to < clock.today()
    return AppointmentState.EXPIRED.value if over else appointment.state
