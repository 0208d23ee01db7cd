"""Mandates at the desk: evidence beside the check-list, a decision with its reason; and village agents."""

from auth.acting import appointments
from auth.acting.appointments import Vacancy
from auth.acting.asking import known_items, refuse_unknown_place
from auth.acting.examining import ACTIONS, Judgement, desk_mandate, judge, on_desk
from auth.acting.models import Appointment, Mandate
from auth.acting.schemas import (
    Appoint,
    AppointmentList,
    AppointmentView,
    DeskMandateList,
    DeskMandateView,
    DeskQuery,
    EndAppointment,
    Judge,
    Nothing,
)
from auth.acting.views import appointments_shown, briefs_shown, desk_shown
from auth.staff import staff_member
from kit import audit
from kit.errors import NotFound
from kit.web import Call, get, post

DESK = {"clerk", "supervisor"}
APPOINTS = {"supervisor"}


async def list_mandates(call: Call, query: DeskQuery) -> DeskMandateList:
    """Those the clerk's department examines in its region, the oldest first."""
    found = await on_desk(call.actor, state=query.state.value, limit=query.limit)
    return DeskMandateList(items=await briefs_shown(found))


async def _shown(call: Call, mandate: Mandate) -> DeskMandateView:
    """Who was given links to the evidence stands in the log."""
    await audit.record(
        actor=call.actor.name, action="mandate.read", subject=f"mandate:{mandate.id}",
        purpose="examination of a mandate", photos=mandate.evidence,
    )  # fmt: skip
    return await desk_shown(mandate, reader=call.actor.name)


async def read_mandate(call: Call) -> DeskMandateView:
    return await _shown(call, await desk_mandate(call.actor, call.path_id("id")))


async def judge_mandate(call: Call, body: Judge) -> DeskMandateView:
    action = call.path("action")
    if action not in ACTIONS:
        raise NotFound
    judgement = Judgement(body.version, body.reason, body.code_confirmed)
    return await _shown(call, await judge(call.actor, call.path_id("id"), action, judgement=judgement))


async def list_appointments(call: Call) -> AppointmentList:
    """The village agents of the supervisor's department."""
    region = (await staff_member(call.actor.id)).department.region_code
    return AppointmentList(region=region, items=await appointments_shown(await appointments.of_department(call.actor)))


async def appoint_agent(call: Call, body: Appoint) -> AppointmentView:
    """For a year, for the items of the list."""
    await refuse_unknown_place(body.region)
    items = await known_items(body.items) or []
    return await _appointment(await appointments.appoint(call.actor, Vacancy(body.phone, body.region, items)))


async def renew_appointment(call: Call, body: Nothing) -> AppointmentView:  # noqa: ARG001 - an empty object
    return await _appointment(await appointments.renew(call.actor, call.path_id("id")))


async def end_appointment(call: Call, body: EndAppointment) -> AppointmentView:
    return await _appointment(await appointments.end(call.actor, call.path_id("id"), reason=body.reason))


async def _appointment(appointment: Appointment) -> AppointmentView:
    (view,) = await appointments_shown([appointment])
    return view


DESK_ROUTES = [
    get("/desk/mandates", list_mandates, roles=DESK, reach="department"),
    get("/desk/mandates/{id}", read_mandate, roles=DESK, reach="department"),
    post("/desk/mandates/{id}/{action}", judge_mandate, roles=DESK, reach="department", examples={"action": "approve"}),
    get("/desk/agents", list_appointments, roles=APPOINTS, reach="department"),
    post("/desk/agents", appoint_agent, roles=APPOINTS, reach="department", status=201),
    post("/desk/agents/{id}/renewal", renew_appointment, roles=APPOINTS, reach="department"),
    post("/desk/agents/{id}/revocation", end_appointment, roles=APPOINTS, reach="department"),
]
