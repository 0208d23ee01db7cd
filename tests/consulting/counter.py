"""Two citizens, three clerks, two conversations, and something of everybody's that a card could stand for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from auth.models import Citizen
from chat.models import Conversation
from kit import clock
from kit.texts import text
from kit.web import Actor
from mobileapi import wiring
from mobileapi.applications import decisions, drafts, submissions
from mobileapi.applications.decisions import AskedItem, Order
from mobileapi.applications.models import Application
from mobileapi.bookings.models import Booking, Place, Slot, Window
from mobileapi.certificates.certificates import issue as issue_certificate
from mobileapi.hotline.models import WorkOrder
from mobileapi.materials.developing import open_darkrooms
from payments import bills
from payments.bills import NewBill, NewLine
from payments.models import Bill
from tests.applications.office import DISTRICT, ITEM, STREET, Office, draft, open_office
from tests.materials.people import verified_citizen

CITIZEN = frozenset({"citizen"})
CLERK = frozenset({"clerk"})
NO_SESSION = str(UUID(int=0))


@dataclass
class Counter:
    office: Office
    anna: Citizen
    bert: Citizen
    talk: Conversation  # Anna's, in the hands of the owner of the item
    refs: dict[str, str] = field(default_factory=dict)

    def clerk(self, staff: UUID | None = None) -> Actor:
        return Actor(staff or self.office.owner, "staff", CLERK, session=NO_SESSION)

    def citizen(self, person: Citizen | None = None) -> Actor:
        return Actor((person or self.anna).id, "citizen", CITIZEN, session=NO_SESSION)


async def talk_of(person: Citizen, *, clerk: UUID, item: str | None = ITEM, department: str = "GA") -> Conversation:
    return await Conversation.create(
        citizen_id=person.id, item_code=item, item_name={"zh": "居民身份证遗失补领"} if item else None,
        department_code=department, department_name={"zh": f"{department}局"}, region_code=STREET, state="assigned",
        clerk_id=clerk, answer_due_at=clock.now() + timedelta(minutes=3), reason_code="owner_on_duty",
        created_at=clock.now(),
    )  # fmt: skip


async def owed_by(person: Citizen, *, department: str, phone: str, code: str, fen: int = 4000) -> Bill:
    """A bill found by the payer's telephone."""
    words: Any = {"zh": "居民身份证工本费", "en": "Cost of an ID card"}
    new = NewBill(
        payment_code=code, kind="card_fee", title=words, department=department, income_item_code="103043304",
        income_item_name={"zh": "证照工本费", "en": "Card fees"}, legal_basis=words, payer_name="欧阳晴",
        due_on=clock.today() + timedelta(days=15), payer_phone=phone,
        lines=[NewLine(name=words, amount_fen=fen, basis=words, explanation=words)],
    )  # fmt: skip
    assert await bills.issue(new, by="system:import")
    return await Bill.get(payment_code=code)


async def filed(counter: Counter, person: Citizen) -> Application:
    """A case of the person's on the owner's desk."""
    async with counter.office.citizen(person.id) as phone:
        begun = await draft(phone)
    actor = counter.citizen(person)
    return await submissions.submit(actor, UUID(str(begun["id"])), consent=True)


async def correction_of(counter: Counter, case: Application) -> None:
    order = Order(version=case.version, items=[AskedItem("material", "photo", "反光，看不清号码")])
    await decisions.act(counter.clerk(), case.id, "request_correction", order=order)


@asynccontextmanager
async def opened() -> AsyncIterator[Counter]:
    async with open_darkrooms(1):
        office = await open_office()
        wiring.connect()
        anna = await verified_citizen()
        bert = await verified_citizen("李四", id_number="440105197903259314", phone="13900139000")
        counter = Counter(office, anna, bert, await talk_of(anna, clerk=office.owner))
        await _furnish(counter)
        yield counter


async def _furnish(counter: Counter) -> None:
    anna, bert, refs = counter.anna, counter.bert, counter.refs
    hers, his = await filed(counter, anna), await filed(counter, bert)
    await correction_of(counter, hers)
    foreign = await filed_elsewhere(anna)
    refs |= {"item": ITEM, "no item": "999999999999", "missing": str(uuid4()), "not an id": "x"}
    refs |= {"case": str(hers.id), "his case": str(his.id), "case elsewhere": str(foreign.id)}
    own = await owed_by(anna, department="GA", phone="13800138000", code="4401052611210001")
    elsewhere = await owed_by(anna, department="RS", phone="13800138000", code="4401052611210002")
    other = await owed_by(bert, department="GA", phone="13900139000", code="4401052611210003")
    refs |= {"bill": str(own.id), "bill elsewhere": str(elsewhere.id), "his bill": str(other.id)}
    await _seats_and_orders(counter)
    begun = await drafts.begin(counter.citizen(), item=ITEM, region=STREET, answers={})
    refs |= {"draft": str(begun.id)}
    for name, person in (("certificate", anna), ("his certificate", bert)):
        made = await issue_certificate(
            application=uuid4(), case_number=f"HZ{name}", holder=person, item=ITEM, item_name=text("居民身份证遗失补领"),
            title=text("居民身份证", "Resident ID card"), department="GA", valid_years=3,
        )  # fmt: skip
        refs[name] = str(made.id)


async def _seats_and_orders(counter: Counter) -> None:
    """A seat and a work order of each, here and at another department; and a complaint about a person."""
    for name, person, office in (
        ("seat", counter.anna, "GA"),
        ("his seat", counter.bert, "GA"),
        ("seat elsewhere", counter.anna, "RS"),
    ):
        counter.refs[name] = str((await seat_of(person, office=office)).id)
    for name, person, office, about in (
        ("order", counter.anna, "GA", None), ("his order", counter.bert, "GA", None),
        ("order elsewhere", counter.anna, "RS", None), ("complaint", counter.anna, "GA", counter.office.colleague),
    ):  # fmt: skip
        counter.refs[name] = str((await order_of(person, office=office, about=about)).id)


async def seat_of(person: Citizen, *, office: str) -> Booking:
    starts = clock.now() + timedelta(days=2)
    place, _ = await Place.get_or_create(
        code=office, defaults={"name": {"zh": "政务中心"}, "address": {"zh": "新港中路"}, "department_code": office,
                               "region_code": DISTRICT}
    )  # fmt: skip
    window = await Window.create(
        place_id=place.code, department_code=office, weekday=starts.weekday(), starts=540, ends=720, minutes=30, seats=4
    )
    slot = await Slot.create(window_id=window.id, starts_at=starts, ends_at=starts + timedelta(minutes=30), seats=4)
    await Slot.filter(id=slot.id).update(taken=1)
    return await Booking.create(
        slot_id=slot.id, citizen_id=person.id, booked_by=person.id, item_code=ITEM if office == "GA" else "elsewhere", item_name={"zh": "居民身份证遗失补领"},
        state="booked", code=uuid4().hex[:10].upper(), created_at=clock.now(),
    )  # fmt: skip


async def order_of(person: Citizen, *, office: str, about: UUID | None, conversation: UUID | None = None) -> WorkOrder:
    region = DISTRICT if office == "GA" else "440106000000"
    return await WorkOrder.create(
        number=f"WO{uuid4().hex[:12]}", kind="complaint" if about else "help", citizen_id=person.id, about_staff=about,
        opened_by_staff=uuid4() if office == "RS" else UUID(int=1), department_code=office, region_code=region,
        region_path=[region], state="open", holder_reason="department", opened_at=clock.now(), due_on=clock.today(),
        clock_since=clock.today(), conversation=conversation,
    )  # fmt: skip


async def filed_elsewhere(person: Citizen) -> Application:
    """A case of the person's that another department has."""
    return await Application.create(
        citizen_id=person.id, item_code=ITEM, item_version=1, item_name={"zh": "别处的事项"}, department_code="RS",
        region_code="440106000000", region_path=["440106000000"], state="submitted", answers={},
        case_number=f"TH{date.today():%Y%m%d}0001", created_at=clock.now(), saved_at=clock.now(),
        submitted_at=clock.now(), received_at=clock.now(), check_due=clock.today(), desk_due=clock.today(),
    )  # fmt: skip
