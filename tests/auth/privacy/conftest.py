"""The whole office behind its own doors, and two people of whom it keeps something everywhere."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from auth import sessions
from auth.acting.models import Appointment, Deed, Mandate, Represented
from auth.attestation.models import FaceCheck, NameClaim, RealNameRecord
from auth.models import Citizen, Department, PlatformIdentity, Scan
from auth.sms.models import SmsCode
from auth.tokens import access_token, authenticator
from kit import clock, crypto, db
from kit.ids import new_id
from kit.texts import text
from kit.web import install_authenticator
from mobileapi import wiring
from mobileapi.materials.developing import open_darkrooms
from mobileapi.notify.notices import tell
from payments.bills import NewBill, NewLine, issue
from payments.models import Bill, Order, OrderBill, OrderChange, Payment, Receipt, Refund
from tests.applications.office import DISTRICT, ITEM, LETTER, PASSED, clerk, filed, open_office, ordered
from tests.materials.app import application
from tests.materials.people import verified_citizen


@dataclass
class Doors:
    app: Any
    owner: UUID  # the clerk of the item
    data_desk: UUID

    async def citizen(self, person: Citizen) -> httpx2.AsyncClient:
        return await self._signed_in(person.id, "citizen", frozenset({"citizen"}))

    async def staff(self, member: UUID, *roles: str) -> httpx2.AsyncClient:
        return await self._signed_in(member, "staff", frozenset(roles or ("clerk",)))

    async def _signed_in(self, person: UUID, kind: str, roles: frozenset[str]) -> httpx2.AsyncClient:
        async with db.transaction():
            opened = await sessions.open_session(kind=kind, person=person, device="d" * 32, label="我的手机")
        token = access_token(person=person, kind=kind, roles=roles, session=opened.session.id)
        headers = {"authorization": f"Bearer {token.text}"}
        transport = httpx2.ASGITransport(app=self.app)
        return httpx2.AsyncClient(transport=transport, base_url="http://office.test", headers=headers)


@pytest.fixture
async def doors(database: str) -> AsyncIterator[Doors]:
    from mobileapi.app import endpoints, outside_endpoints

    async with open_darkrooms(1):
        office = await open_office()
        await Department.create(code="ZWFW", name={"zh": "政务服务局", "en": "Service office"}, region_code=DISTRICT)
        desk = await clerk("数据员", "ZWFW")
        wiring.connect()
        app = application(endpoints(), outside_endpoints())
        install_authenticator(authenticator)
        yield Doors(app, office.owner, desk)


@dataclass
class Somebody:
    """A person with something in every room. `told`: what the export must say; `traces`: what closing must take."""

    citizen: Citizen
    told: dict[str, str] = field(default_factory=dict)
    case: str = ""
    talk: str = ""
    order: UUID = field(default_factory=uuid4)
    bill: UUID = field(default_factory=uuid4)


async def somebody(doors: Doors, *, name: str, digit: int, other: Citizen) -> Somebody:
    """Everything through the doors where a door is near, else as the rooms write it."""
    person = await verified_citizen(name, id_number=_number(digit), phone=f"1990000{digit:04}")
    made = Somebody(person, {"name": name, "phone": f"1990000{digit:04}", "id number": _number(digit)})
    await _identity(made, digit)
    await _case(made, doors, digit)
    await _talk(made, doors, digit)
    await _money(made, digit)
    await _acting(made, other, digit)
    await tell(person.id, kind="account.bound", text=text(f"通知{digit}号"), link="")
    made.told["notice"] = f"通知{digit}号"
    return made


def _number(digit: int) -> str:
    from auth.documents import check_character

    first = f"44010519900101{digit % 1000:03}"
    return first + check_character(first)


async def _identity(made: Somebody, digit: int) -> None:
    id_, now = made.citizen.id, clock.now()
    await PlatformIdentity.create(
        platform="wechat", app_id="wx1", open_id=f"openid-{digit}", citizen_id=id_, created_at=now
    )
    await RealNameRecord.create(citizen=id_, document="resident_id", by="register", at=now)
    claim = new_id()
    await NameClaim.create(
        id=claim,
        citizen=id_,
        document="passport",
        state="refused",
        created_at=now,
        decided_at=now,
        reason="看不清",
        name_sealed=crypto.seal(f"护照名{digit}", bound_to=f"attestation_name_claim.name:{claim}"),
        number_sealed=crypto.seal(f"E{digit:08}", bound_to=f"attestation_name_claim.number:{claim}"),
    )
    check = new_id()
    await FaceCheck.create(
        id=check,
        citizen=id_,
        session=new_id(),
        state="passed",
        created_at=now,
        expires_at=now,
        decided_at=now,
        reference_sealed=crypto.seal(f"biz-{digit}", bound_to=f"attestation_face_check.reference:{check}"),
    )
    await SmsCode.create(
        flow_digest=f"{digit:064}",
        purpose="phone",
        phone_index=made.citizen.phone_index or "",
        code_digest="c" * 64,
        phone_sealed=crypto.seal(made.told["phone"], bound_to=f"sms_code.phone:{digit:064}"),
        owner=id_,
        created_at=now,
        expires_at=now + timedelta(minutes=5),
    )
    await Scan.create(
        ticket_digest=f"{digit:064}",
        secret_digest="s" * 64,
        purpose="sign_in",
        state="refused",
        device_label=f"大厅{digit}号机",
        address_sealed=crypto.seal("203.0.113.9", bound_to=f"auth_scan.address:{digit:064}"),
        citizen=id_,
        created_at=now,
        expires_at=now + timedelta(seconds=60),
    )
    made.told |= {
        "platform": f"openid-{digit}",
        "claimed name": f"护照名{digit}",
        "claimed number": f"E{digit:08}",
        "scan": f"大厅{digit}号机",
    }


async def _case(made: Somebody, doors: Doors, digit: int) -> None:
    phone, desk = await doors.citizen(made.citizen), await doors.staff(doors.owner)
    case = await filed(phone)
    made.case = str(case["id"])
    await ordered(desk, made.case, "accept", note="材料齐全")
    await ordered(desk, made.case, "approve", review=PASSED)
    await desk.post(f"/api/v1/desk/applications/{made.case}/unmask", json={"field": "name", "reason": f"核对{digit}"})
    draft = (await phone.post("/api/v1/applications", json={"item": LETTER, "region": DISTRICT})).json()
    form = {"form": {"address": f"演示路{digit}弄"}, "version": draft["version"]}
    assert (await phone.patch(f"/api/v1/applications/{draft['id']}", json=form)).status_code == 200
    made.told |= {
        "case": str(case["case_number"]),
        "draft's form": f"演示路{digit}弄",
        "who looked, why": f"核对{digit}",
        "certificate": (await phone.get("/api/v1/certificates")).json()["items"][0]["number"],
    }


async def _talk(made: Somebody, doors: Doors, digit: int) -> None:
    phone = await doors.citizen(made.citizen)
    asked = await phone.post(
        "/api/v1/consultations", json={"item": ITEM, "region": DISTRICT, "text": f"问题{digit}：丢在外地"}
    )
    assert asked.status_code == 201, asked.text
    made.talk = asked.json()["id"]
    made.told["message"] = f"问题{digit}：丢在外地"


async def _money(made: Somebody, digit: int) -> None:
    await _billed(made, digit)
    bill = await Bill.get(payment_code=f"paid{digit}")
    await Bill.filter(id=bill.id).update(state="paid", paid_at=clock.now(), paid_fen=bill.principal_fen)
    made.bill, made.order = bill.id, await _paid(made, bill, digit)
    made.told |= {
        "bill": f"unpaid{digit}",
        "paid bill": f"paid{digit}",
        "order": f"ORD{digit}",
        "payment": f"TX{digit}",
        "receipt": f"44010126{digit:010}",
        "refund": f"RF{digit}",
    }


async def _billed(made: Somebody, digit: int) -> None:
    title: dict[str, str | None] = {"zh": f"学费{digit}", "en": None}
    line = NewLine(name=title, amount_fen=100 + digit, basis=title, explanation=title)
    for code in (f"paid{digit}", f"unpaid{digit}"):
        await issue(
            NewBill(
                payment_code=code,
                kind="tuition",
                title=title,
                department="GA",
                income_item_code="103",
                note=None,
                income_item_name=title,
                legal_basis=title,
                payer_name=made.told["name"],
                payer_id_number=made.told["id number"],
                payer_phone=made.told["phone"],
                received_on=None,
                due_on=date(2027, 1, 1),
                surcharge_rule="",
                lines=[line],
            ),
            by="system",
        )


async def _paid(made: Somebody, bill: Bill, digit: int) -> UUID:
    now = clock.now()
    order = await Order.create(
        number=f"ORD{digit}",
        channel="wechat",
        scene="miniapp",
        state="paid",
        amount_fen=bill.principal_fen,
        citizen_id=made.citizen.id,
        description=f"学费{digit}",
        open_id=f"openid-{digit}",
        prepay={"prepay_id": f"wx{digit}"},
        created_at=now,
        expires_at=now,
        transaction_id=f"TX{digit}",
        paid_at=now,
    )
    await OrderBill.create(order=order, bill=bill, principal_fen=bill.principal_fen, surcharge_fen=0, bill_version=1)
    await OrderChange.create(order=order, at=now, from_state="created", to_state="paid", who="system", why="notice")
    payment = await Payment.create(
        channel="wechat",
        transaction_id=f"TX{digit}",
        order=order,
        number=f"ORD{digit}",
        amount_fen=bill.principal_fen,
        outcome="settled",
        paid_at=now,
        learned_at=now,
        learned_by="notice",
    )
    await Receipt.create(
        code="44010126",
        number=f"{digit:010}",
        check_code="ABCDEF",
        verify_code=f"verify{digit}",
        bill=bill,
        order=order,
        amount_fen=bill.principal_fen,
        lines=[],
        issuer="海珠区财政局",
        status="issued",
        issued_at=now,
    )
    await Refund.create(
        number=f"RF{digit}",
        payment=payment,
        order=order,
        amount_fen=1,
        reason="surplus",
        state="succeeded",
        requested_by="system",
        requested_at=now,
        finished_at=now,
    )
    return order.id


async def _acting(made: Somebody, other: Citizen, digit: int) -> None:
    now, today = clock.now(), clock.today()
    post = await Appointment.create(
        agent_id=made.citizen.id,
        department_code="GA",
        region_code=DISTRICT,
        items=[ITEM],
        state="active",
        valid_to=today + timedelta(days=100),
        appointed_by="staff:x",
        appointed_at=now,
    )
    mandate = await Mandate.create(
        kind="village",
        state="active",
        principal_id=other.id,
        agent_id=made.citizen.id,
        appointment=post,
        asked_by="agent",
        doings=["read"],
        valid_from=today,
        valid_to=today + timedelta(days=50),
        asked_at=now,
        decided_at=now,
    )
    asked = Mandate(
        id=new_id(),
        kind="family",
        relation="parent",
        state="asked",
        agent_id=made.citizen.id,
        asked_by="agent",
        doings=["read"],
        valid_from=today,
        valid_to=today + timedelta(days=50),
        asked_at=now,
    )
    from auth.acting.accounts import seal_claim

    seal_claim(asked, name=f"父亲{digit}", number=f"4401051960010100{digit:02}"[:18])
    await asked.save(force_create=True)
    await Deed.create(
        at=now,
        principal_id=other.id,
        agent_id=made.citizen.id,
        mandate=mandate,
        action="case.submitted",
        subject="application:x",
        about={"zh": f"代办事项{digit}"},
    )
    await Represented.create(account_id=made.citizen.id, made_by="staff:x", made_at=now)
    made.told |= {"claimed of the represented": f"父亲{digit}", "deed": f"代办事项{digit}"}


@pytest.fixture
async def wei(doors: Doors) -> Somebody:
    other = await verified_citizen("旁观者", id_number="440105198001011239", phone="19911110000")
    return await somebody(doors, name="金丝雀伟", digit=7001, other=other)
