"""
People of the demonstration who act for others: a firm with two operators, a mother with a grown-up child, a child with
a guardian, a village agent; and one ask that waits for a clerk. Made by the same verbs as everybody's, once.
"""

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from PIL import Image, ImageDraw

from auth import realname
from auth.acting import appointments, asking, examining, firms, mandates
from auth.acting.appointments import Vacancy
from auth.acting.asking import Ask, Invitation, Scope
from auth.acting.config import ActingSettings
from auth.acting.examining import Judgement
from auth.acting.firms import FirmClaim
from auth.acting.kinds import DOINGS
from auth.acting.models import Mandate
from auth.acting.states import MandateState
from auth.binding import Tap, bind
from auth.citizens import phone_index
from auth.models import Citizen, Duty, StaffMember
from auth.platforms.base import PlatformPerson
from kit import clock, db
from kit.config import current
from kit.outbound import outside
from kit.texts import text
from kit.web import Actor
from mobileapi.demo.accounts import accounts
from mobileapi.materials import uploads
from mobileapi.materials.developing import open_darkrooms
from mobileapi.settings import OfficeSettings
from payments.bills import NewBill, NewLine, issue
from payments.models import Bill

FILES = Path(__file__).parent
DISTRICT = "440105000000"
REASON = "材料齐全，关系属实"
BILL_CODES = {"{firm}": "44010520202600000017", "{mother}": "44010520202600000025"}


async def relate(*, sandbox: str) -> None:
    """Does nothing the second time, and nothing while no company registry is connected."""
    told = yaml.safe_load((FILES / "acting.yaml").read_bytes())
    for company in told["companies"]:
        body = json.dumps(company, ensure_ascii=False).encode()
        headers = {"content-type": "application/json"}
        await outside().call("POST", f"{sandbox}/_sandbox/companies", headers=headers, content=body)
    await _bills(told["bills"])
    if await Mandate.exists() or not current(ActingSettings).registry_url:
        return
    people = {row["phone"]: await _person(row) for row in told["citizens"]}
    async with open_darkrooms(1):
        await _firm(told, people)
        await _family(told, people)
        await _wards(told, people)
        await _village(told["village"], people)


async def _person(row: dict[str, Any]) -> Actor:
    """Signed in once by one tap, and verified."""
    settings = current(OfficeSettings)
    openid = next(c.openid for c in accounts().citizens if c.phone == row["phone"])
    app = settings.wechat_app_id if row["platform"] == "wechat" else settings.alipay_app_id
    async with db.transaction():
        await bind(Tap(row["platform"], app, PlatformPerson(openid, None), row["phone"]))
    person = await Citizen.get(phone_index=phone_index(row["phone"]))
    claimed = realname.Claimed.normal(name=row["name"], id_number=row["id_number"])
    await realname.record(person, claimed, by="register", actor=f"citizen:{person.id}")
    await Citizen.filter(id=person.id).update(elder_mode=row["elder_mode"])
    return Actor(person.id, "citizen", frozenset({"citizen"}))


async def _firm(told: dict[str, Any], people: dict[str, Actor]) -> None:
    firm = told["firm"]
    boss = people[firm["representative"]]
    claimed = await firms.claim(boss, FirmClaim(firm["name"], firm["credit_code"], DISTRICT))
    account = mandates.principal_id(claimed)
    assert account is not None, "the registry names the demonstration's representative"
    for row in told["operators"]:
        wish = Invitation(account, row["phone"], Scope(row["doings"]), valid_to=_in(360), manages=row["manages"])
        asked = await asking.invite(boss, wish)
        await mandates.accept(people[row["phone"]], asked.id)


async def _family(told: dict[str, Any], people: dict[str, Actor]) -> None:
    mother, represented = told["mother"], people[told["mother"]["represented"]]
    who = next(row for row in told["citizens"] if row["phone"] == mother["represented"])
    asked = await asking.ask(
        people[mother["agent"]],
        Ask("family", mother["relation"], who["name"], who["id_number"], Scope(DOINGS), DISTRICT, _in(mother["days"])),
    )
    await mandates.accept(represented, asked.id)


async def _wards(told: dict[str, Any], people: dict[str, Actor]) -> None:
    """A child, examined by a clerk; and a ward whose papers wait for one."""
    child, ward = told["child"], told["ward"]
    asked = await _guardian(people[child["agent"]], child, relation="child")
    examiner = await _staff("ZWFW", "clerk")
    await examining.judge(examiner, asked.id, "approve", judgement=Judgement(asked.version, REASON))
    await _guardian(people[ward["agent"]], ward, relation="incapacitated", valid_to=_in(ward["days"]))


async def _guardian(agent: Actor, row: dict[str, Any], *, relation: str, **more: Any) -> Mandate:
    paper = (await uploads.take(agent.name, _paper(f"GUARDIAN {row['id_number'][:6]}"))).id
    wish = Ask(
        "guardian", relation, row["name"], row["id_number"], Scope(DOINGS), DISTRICT, evidence=[paper], consent=True,
        **more,
    )  # fmt: skip
    return await asking.ask(agent, wish)


async def _village(row: dict[str, Any], people: dict[str, Actor]) -> None:
    supervisor = await _staff(row["department"], "supervisor")
    listed: list[str] = await Duty.filter(staff_id=supervisor.id).values_list("item_code", flat=True)  # type: ignore[assignment]
    items = sorted(set(listed))
    await appointments.appoint(supervisor, Vacancy(row["agent"], row["region"], items))
    told = next(c for c in accounts().citizens if c.phone == row["represented"])
    wish = Ask("village", "villager", told.name, told.id_number, Scope(DOINGS), row["region"], _in(row["days"]))
    asked = await asking.ask(people[row["agent"]], wish)
    if asked.state == MandateState.ASKED:
        await mandates.accept(people[row["represented"]], asked.id)


async def _staff(department: str, role: str) -> Actor:
    members = await StaffMember.filter(department_id=department).order_by("username")
    member = next(m for m in members if role in m.roles)
    return Actor(UUID(str(member.id)), "staff", frozenset(member.roles))


async def _bills(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        code = BILL_CODES[row["payment_code"]]
        if not await Bill.exists(payment_code=code):
            await issue(_bill(row, code), by="system")


def _bill(row: dict[str, Any], code: str) -> NewBill:
    basis = text("示范数据", "Demonstration data").model_dump()
    fen = int(row["amount_yuan"].replace(".", ""))
    return NewBill(
        payment_code=code, kind=row["kind"], title=row["title"], department=row["department"],
        income_item_code="103044927", income_item_name=row["title"], legal_basis=basis,
        payer_name=row["payer"]["name"], payer_id_number=row["payer"]["id_number"], due_on=_in(40),
        lines=[NewLine(row["title"], fen, basis, basis)],
    )  # fmt: skip


def _paper(words: str) -> bytes:
    """A drawn page, sharp enough for the checks of every photograph; different words are different papers."""
    page = Image.new("RGB", (1000, 1400), "#f4f1ea")
    draw = ImageDraw.Draw(page)
    for row in range(24):
        draw.text((80, 80 + row * 52), f"{row + 1:02} DEMONSTRATION {words} " + "#" * (row % 9), fill="#1d2433")
        draw.line((70, 112 + row * 52, 930, 112 + row * 52), fill="#56607a", width=2)
    kept = io.BytesIO()
    page.save(kept, "JPEG", quality=88)
    return kept.getvalue()


def _in(days: int) -> Any:
    return clock.today() + timedelta(days=days)
