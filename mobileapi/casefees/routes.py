"""The fee of a case over HTTP: for whoever filed it, and for the desk that handles it."""

from kit.web import Call, get, post
from mobileapi.applications.access import desk_application, own_application
from mobileapi.applications.models import Application
from mobileapi.casefees.fees import raise_fee
from mobileapi.casefees.models import CaseFee
from mobileapi.casefees.schemas import CaseFeeView, FeeOfCase
from mobileapi.casefees.states import WORDS, FeeState
from payments.schemas import Nothing


async def read_fee(call: Call) -> FeeOfCase:
    """Where the fee of one's case stands."""
    return await _shown(await own_application(call.actor, call.path_id("id")))


async def read_desk_fee(call: Call) -> FeeOfCase:
    """The same on the desk."""
    return await _shown(await desk_application(call.actor, call.path_id("id")))


async def charge_fee(call: Call, body: Nothing) -> FeeOfCase:  # noqa: ARG001 - an empty body
    """Raises the fee's bill when it is not there yet; the amount is the guide's, nobody chooses it."""
    case = await desk_application(call.actor, call.path_id("id"))
    await raise_fee(case.id, by=call.actor.name)
    return await _shown(case)


async def _shown(case: Application) -> FeeOfCase:
    fee = await CaseFee.get_or_none(application=case.id)
    if fee is None:
        return FeeOfCase(fee=None)
    shown = CaseFeeView(
        state=fee.state, state_text=WORDS[FeeState(fee.state)], amount_fen=fee.amount_fen, bill=fee.bill,
        raised_at=fee.raised_at, moved_at=fee.moved_at,
    )  # fmt: skip
    return FeeOfCase(fee=shown)


ROUTES = [
    get("/applications/{id}/fee", read_fee, roles={"citizen"}, reach="own"),
    get("/desk/applications/{id}/fee", read_desk_fee, roles={"clerk", "supervisor"}, reach="desk"),
    post("/desk/applications/{id}/fee/bill", charge_fee, roles={"clerk", "supervisor"}, reach="desk", idempotent=True),
]
