"""One's own devices, and proving again on one of them who one is."""

from datetime import datetime
from uuid import UUID

from auth import devices, proofs, step_up
from auth.devices import device_of
from auth.models import Session
from auth.roles import CITIZEN_ROLES, STAFF_ROLES
from auth.schemas import DeviceList, DeviceView, SteppedUp, StepUp
from kit.cursors import end_of, place_in
from kit.web import Call, PageQuery, delete, get, post

ANYBODY = CITIZEN_ROLES | STAFF_ROLES


async def list_devices(call: Call, query: PageQuery) -> DeviceList:
    """Where one is signed in, the newest first."""
    own = await devices.devices_of(call.actor)
    place = place_in("devices", query.cursor, datetime, UUID)
    behind = [session for session in own if place is None or (session.created_at, session.id) < place]
    page, more = behind[: query.limit], len(behind) > query.limit
    items = [_shown(session, current=str(session.id) == call.actor.session) for session in page]
    return DeviceList(items=items, next_cursor=end_of("devices", page[-1].created_at, page[-1].id) if more else None)


def _shown(session: Session, *, current: bool) -> DeviceView:
    return DeviceView(
        id=str(session.id), current=current, label=session.label, name=session.agent, way=session.way,
        network=session.came_from, since=session.created_at, seen_at=session.seen_at,
    )  # fmt: skip


async def end_device(call: Call) -> None:
    """Sign one device out from afar."""
    await devices.end_device(call.actor, call.path_id("id"))


async def prove(call: Call, body: StepUp) -> SteppedUp:
    """Prove again who one is, without leaving the session."""
    given = body.model_dump(exclude_none=True)
    at = await proofs.step_up(call.actor, given, device=device_of(call))
    return SteppedUp(proved_at=at, fresh_until=at + step_up.usual())


ROUTES = [
    get("/me/devices", list_devices, roles=ANYBODY, reach="self"),
    delete("/me/devices/{id}", end_device, roles=ANYBODY, reach="self"),
    post("/auth/step-up", prove, roles=ANYBODY, reach="self"),
]
