"""
Work orders: opening one, and moving it. The only writer of its table, but for the sweeps of watch.py and personal.py.

Every act locks the order first; whoever comes second finds another version and writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from auth.callers import path_of, who_is
from auth.models import Department
from auth.staff import staff_member
from auth.staffing.covers import is_there
from auth.staffing.organisation import reports_of
from chat.access import in_hand
from kit import audit, clock, crypto, db, events, workdays
from kit.config import current
from kit.errors import FieldError, InvalidRequest, NotFound
from kit.ids import new_id
from kit.texts import Text, text
from kit.web import Actor
from mobileapi.applications.numbers import case_number
from mobileapi.catalogue.items import current_guide
from mobileapi.hotline import telling
from mobileapi.hotline.choosing import Owner, owner_for
from mobileapi.hotline.config import HotlineSettings
from mobileapi.hotline.errors import NotForThem, OrderInOtherHands, OrderNotOpen
from mobileapi.hotline.events import OrderMoved
from mobileapi.hotline.kinds import Kind, workdays_for
from mobileapi.hotline.models import OrderChange, WorkOrder
from mobileapi.hotline.photos import photos_of
from mobileapi.hotline.states import MOVES, OrderState

NEXT = (
    "INSERT INTO hotline_counter (day, reached) VALUES ($1, 1) "
    "ON CONFLICT (day) DO UPDATE SET reached = hotline_counter.reached + 1 RETURNING reached"
)


@dataclass(frozen=True)
class By:
    """Who acts: the name for the records, and what people read."""

    name: str
    shown_as: Text


SYSTEM = By("system", text("系统", "The system"))
CITIZEN = text("诉求人", "The citizen")


async def by(actor: Actor) -> By:
    if actor.kind == "citizen":
        return By(actor.name, CITIZEN)
    person = await staff_member(actor.id)
    office = Text.model_validate(person.department.name)
    return By(actor.name, text(f"{office.zh} {person.name}", f"{office.en or office.zh}, {person.name}"))


@dataclass(frozen=True)
class Matter:
    """What an order is about. `citizen`: whose it is, of a conversation."""

    department: str
    region: str
    item: str | None = None
    item_name: Text | None = None
    citizen: UUID | None = None


async def open_order(
    actor: Actor, *, kind: Kind, words: str, conversation: UUID | None = None, item: str | None = None,
    department: str | None = None, region: str | None = None, about_staff: UUID | None = None,
    photos: Sequence[UUID] = (),
) -> WorkOrder:  # fmt: skip
    """
    Opens an order and gives it to who answers for it. From a conversation the clerk has in hand come its citizen and,
    where nothing else is said, its item, department and region; `photos` are those shown in it, or the clerk's own.

    Raises: NotFound (conversation, item), NotForThem (department, about_staff), NoSuchUpload.
    """
    matter = await _matter(actor, conversation=conversation, item=item, department=department, region=region)
    if about_staff is not None:
        await _refuse_unknown(about_staff)
    async with db.transaction():
        owner = await owner_for(matter.item, department=matter.department, region=matter.region, about=about_staff)
        order = await _made(actor, kind=kind, words=words, matter=matter, owner=owner, about_staff=about_staff)
        order.conversation = conversation
        order.photos = await photos_of(actor, order.id, photos, conversation=conversation)
        await order.save(force_create=True)
        await note(order, "open", by=await by(actor), origin=None)
        await events.publish(_moved(order, origin=None))
        await telling.opened(order)
        await audit.record(
            actor=actor.name, action="work_order.opened", subject=f"work_order:{order.id}", kind=kind,
            holder=owner.staff, reason=owner.reason,
        )  # fmt: skip
    return order


async def _matter(
    actor: Actor, *, conversation: UUID | None, item: str | None, department: str | None, region: str | None
) -> Matter:
    citizen = None
    if conversation is not None:
        talk = await in_hand(actor, conversation)
        citizen = talk.citizen_id  # type: ignore[attr-defined]
        if item is None and department is None:
            item, department = talk.item_code, talk.department_code
        region = region or talk.region_code or None
    name = None
    if item is not None:
        _, guide = await current_guide(item)
        name, department, region = guide.name, department or guide.department, region or guide.regions[0]
    office = await Department.get_or_none(code=department or (await who_is(actor)).department)
    if office is None:
        raise NotForThem("department")
    return Matter(office.code, region or office.region_code, item=item, item_name=name, citizen=citizen)


async def _refuse_unknown(about: UUID) -> None:
    try:
        await staff_member(about)
    except NotFound:
        raise NotForThem("about_staff") from None


async def _made(
    actor: Actor, *, kind: Kind, words: str, matter: Matter, owner: Owner, about_staff: UUID | None
) -> WorkOrder:
    path = await path_of(matter.region)
    if matter.region not in path or not await _known(matter.region):
        wrong = FieldError(field="region", code="unknown", detail=text("没有这个区域", "There is no such region"))
        raise InvalidRequest(errors=[wrong])
    order = WorkOrder(
        id=new_id(), number=await _next_number(), kind=kind, citizen_id=matter.citizen, opened_by_staff=actor.id,
        about_staff=about_staff, item_code=matter.item,
        item_name=matter.item_name.model_dump() if matter.item_name else None, department_code=matter.department,
        region_code=matter.region, region_path=list(path), state=OrderState.OPEN, holder_staff=owner.staff,
        holder_name=owner.name, holder_reason=owner.reason, opened_at=clock.now(), due_on=clock.today(),
        clock_since=clock.today(), passed=_had(matter.department, owner.staff),
    )  # fmt: skip
    await restart_clock(order)
    order.words_sealed = crypto.seal(words, bound_to=f"hotline_order.words:{order.id}")
    return order


async def _known(region: str) -> bool:
    return bool(await db.fetch_value("SELECT 1 FROM auth_region WHERE code = $1", region))


async def _next_number() -> str:
    """The next number of today; its counter stays locked until the transaction ends, so no number is lost."""
    day = clock.today()
    return case_number(current(HotlineSettings).order_prefix, day=day, running=await db.fetch_value(NEXT, day))


def _had(department: str, staff: UUID | None) -> list[str]:
    return [f"department:{department}", *([f"staff:{staff}"] if staff else [])]


async def restart_clock(order: WorkOrder) -> None:
    """Counts the days of the order's kind from today; the day itself is not counted."""
    calendar = await workdays.calendar()
    order.clock_since, order.warned, order.escalated = clock.today(), 0, 0
    order.due_on = calendar.add_workdays(order.clock_since, workdays_for(order.kind))


def words_of(order: WorkOrder) -> str:
    return _unsealed(order.words_sealed, f"hotline_order.words:{order.id}")


def answer_of(order: WorkOrder) -> str:
    return _unsealed(order.answer_sealed, f"hotline_order.answer:{order.id}")


def _unsealed(sealed: bytes | None, bound_to: str) -> str:
    return crypto.unseal(sealed, bound_to=bound_to) if sealed else ""


def state_of(order: WorkOrder) -> OrderState:
    return OrderState(order.state)


async def move(order: WorkOrder, to: OrderState, *, by: By, words: str = "") -> None:
    """
    Moves the locked order, saves it with everything else that was set on it, writes the change row, tells the event.

    Raises: OrderNotOpen when the graph has no such move.
    """
    assert db.transaction_is_open(), "an order is moved in the transaction that locked it"
    origin = state_of(order)
    if to not in MOVES[origin]:
        raise OrderNotOpen
    order.state = to
    if not MOVES[to]:
        order.ended_at = clock.now()
    if to is not OrderState.ACCEPTED:
        order.offered_to = None
    order.version += 1
    await order.save()
    await note(order, to, by=by, origin=origin, words=words)
    await events.publish(_moved(order, origin=origin))


def _moved(order: WorkOrder, *, origin: OrderState | None) -> OrderMoved:
    return OrderMoved(
        order.id, order.number, order.kind, order.citizen_id, origin, str(order.state)  # type: ignore[attr-defined]
    )  # fmt: skip


async def note(order: WorkOrder, what: str, *, by: By, origin: OrderState | None, words: str = "") -> None:
    """A row of the history."""
    await OrderChange.create(
        order_id=order.id, at=clock.now(), actor=by.name, shown_as=by.shown_as.model_dump(), what=str(what),
        from_state=origin, to_state=order.state, note=words,
    )  # fmt: skip


async def give(order: WorkOrder, to: Owner, *, by: By, words: str = "") -> None:
    """The locked order in other hands, its state as it is; whoever has it now is told."""
    order.holder_staff, order.holder_name, order.holder_reason = to.staff, to.name, to.reason
    order.offered_to = None
    if to.staff is not None and f"staff:{to.staff}" not in order.passed:
        order.passed = [*order.passed, f"staff:{to.staff}"]
    order.version += 1
    await order.save()
    await note(order, "handed_over", by=by, origin=state_of(order), words=words)
    await telling.given(order)


async def fit_for(order: WorkOrder, staff: UUID, *, reason: str) -> Owner:
    """
    The person, when the order may be given to them: they serve citizens, are there, and it is neither about them nor
    about somebody they report to.
    """
    if staff == order.about_staff or not await is_there(staff):
        raise NotForThem
    if order.about_staff is not None and staff in await reports_of(order.about_staff):
        raise NotForThem
    person = await staff_member(staff)
    return Owner(person.id, person.name, reason)


def refuse_others(order: WorkOrder, actor: Actor) -> None:
    """Raises OrderInOtherHands."""
    if order.holder_staff != actor.id:
        raise OrderInOtherHands
