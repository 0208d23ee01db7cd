"""Cases, as the desks see and decide them. Opening one, and opening a masked value, is an act of its own in the log."""

from typing import Any

from auth import citizens
from auth.models import Citizen
from auth.reading import let_read, note_look
from kit import audit, clock, db, workdays
from kit.errors import NotFound
from kit.reach import Reach
from kit.texts import Text
from kit.web import Actor, Call, get, post
from kit.workdays import Calendar
from mobileapi.applications import clocks
from mobileapi.applications.access import desk_application
from mobileapi.applications.cases import open_form
from mobileapi.applications.decisions import ACTIONS, AskedItem, Order, act
from mobileapi.applications.holders import WHY
from mobileapi.applications.inbox import on_desk
from mobileapi.applications.models import Application
from mobileapi.applications.schemas import (
    AskedItemShape,
    CaseQuery,
    DeskApplicationView,
    DeskOrder,
    Inbox,
    InboxEntry,
    NamedCode,
    Unmask,
    Unmasked,
)
from mobileapi.applications.states import SHOWN_AS, WORDS, CaseState
from mobileapi.applications.submissions import citizen_id
from mobileapi.applications.views import desk_view, shown_name

DESK = {"clerk", "supervisor"}
REACH: dict[str, Reach] = {"clerk": "desk", "supervisor": "department"}


async def read_inbox(call: Call, query: CaseQuery) -> Inbox:
    rows, more = await on_desk(call.actor, state=query.state, limit=query.limit, cursor=query.cursor)
    people = {p.id: p for p in await Citizen.filter(id__in={row["citizen_id"] for row in rows})}
    calendar = await workdays.calendar()
    await note_look(call.actor, "inbox", purpose="casework", state=str(query.state or "waiting"))
    return Inbox(items=[_inbox_entry(row, people[row["citizen_id"]], calendar) for row in rows], next_cursor=more)


def _inbox_entry(row: Any, person: Citizen, calendar: Calendar) -> InboxEntry:
    state, due = SHOWN_AS[CaseState(row["state"])], row["desk_due"]
    since = clock.city_time(row["clock_since"]).date()
    stands = clocks.standing(since, due_on=due, today=clock.today(), calendar=calendar) if due else None
    return InboxEntry(
        kind="application", id=row["id"], case_number=row["case_number"], state=state, state_text=WORDS[state],
        item=NamedCode(code=row["item_code"], name=Text.model_validate_json(row["item_name"])),
        citizen_masked=shown_name(person), submitted_at=clock.city_time(row["submitted_at"]), due_at=due,
        light=stands.light if stands else None, working_days_left=stands.left if stands else None,
        why=WHY[row["role"] or "department"], version=row["version"],
    )  # fmt: skip


async def _shown(actor: Actor, case: Application) -> DeskApplicationView:
    """Links to the photographs are made for this clerk, and who was given them stands in the log."""
    shown = await desk_view(case, reader=actor.name)
    photos = [str(photo.id) for material in shown.materials for photo in material.uploads]
    await audit.record(
        actor=actor.name, action="case.read", subject=f"application:{case.id}", purpose=f"case {case.case_number}",
        photos=photos,
    )  # fmt: skip
    return shown


async def read_case(call: Call) -> DeskApplicationView:
    return await _shown(call.actor, await _opened(call))


async def _opened(call: Call) -> Application:
    """Of the caller's desk, and counted as one more person they opened. Raises NotFound, TooManyPeopleRead."""
    case = await desk_application(call.actor, call.path_id("id"))
    await let_read(call.actor, citizen_id(case))
    return case


async def act_on_case(call: Call, body: DeskOrder) -> DeskApplicationView:
    action = call.path("action")
    if action not in ACTIONS:
        raise NotFound
    await _opened(call)
    order = Order(
        version=body.version, note=body.note, items=[_asked(item) for item in body.items],
        review={row.index: row.result for row in body.review}, reason=body.reason, legal_basis=body.legal_basis,
    )  # fmt: skip
    return await _shown(call.actor, await act(call.actor, call.path_id("id"), action, order=order))


def _asked(item: AskedItemShape) -> AskedItem:
    if item.material is not None:
        return AskedItem("material", item.material, item.reason)
    return AskedItem("field", item.field or "", item.reason)


async def unmask(call: Call, body: Unmask) -> Unmasked:
    """One value in the clear, for a stated reason (personal information protection law art. 6 and 51)."""
    await _opened(call)
    async with db.transaction():
        case = await desk_application(call.actor, call.path_id("id"))
        value = await _in_the_clear(case, body.field)
        await audit.record(
            actor=call.actor.name, action="personal_data.unmasked", subject=f"application:{case.id}", field=body.field,
            reason=body.reason,
        )  # fmt: skip
    return Unmasked(value=value)


async def _in_the_clear(case: Application, field: str) -> str | None:
    if field.startswith("form."):
        return open_form(case).get(field.removeprefix("form."))
    person = await citizens.citizen(citizen_id(case))
    readers = {"phone": citizens.open_phone, "name": citizens.open_name, "id_number": citizens.open_id_number}
    return readers[field](person)


DESK_ROUTES = [
    get("/desk/inbox", read_inbox, roles=DESK, reach=REACH),
    get("/desk/applications/{id}", read_case, roles=DESK, reach=REACH),
    post("/desk/applications/{id}/unmask", unmask, roles=DESK, reach=REACH),
    post(
        "/desk/applications/{id}/{action}",
        act_on_case,
        roles=DESK,
        reach=REACH,
        idempotent=True,
        examples={"action": "accept"},
    ),
]
