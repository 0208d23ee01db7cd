"""账号与绑定: the identities of an account, its number, and joining two accounts of one person."""

from uuid import UUID

from auth.access import own_citizen
from auth.citizens import masked_phone
from auth.joining import identities, merging, phones
from auth.joining.models import PhoneMove
from auth.joining.schemas import (
    Identities,
    IdentityView,
    MergeAsk,
    MergeCodeView,
    MergeView,
    PhoneChange,
    PhoneChanged,
    PhoneMoves,
    PhoneMoveView,
)
from auth.roles import CITIZEN_ROLES
from kit import clock
from kit.web import Call, delete, get, post


async def list_identities(call: Call) -> Identities:
    """What leads to one's account."""
    person = await own_citizen(call.actor)
    found = await identities.identities_of(person.id)
    here = await identities.identity_of_session(UUID(call.actor.session))
    items = [
        IdentityView(id=one.id, platform=one.platform, bound_at=one.created_at, here=one.id == here) for one in found
    ]
    removable = len(found) > 1 or (len(found) == 1 and person.phone_index is not None)
    return Identities(items=items, phone_masked=masked_phone(person), removable=removable)


async def unbind(call: Call) -> None:
    """Take an identity off the account; the sessions it opened end."""
    await identities.unbind(call.actor, call.path_id("id"))


async def change_phone(call: Call, body: PhoneChange) -> PhoneChanged:
    """Give the account a number that was proved by a code."""
    outcome = await phones.change(call.actor, flow=body.flow, code=body.code)
    return PhoneChanged.model_validate(
        {"state": outcome.state, "move": outcome.move and _view(outcome.move, me=call.actor.id)}
    )


async def list_moves(call: Call) -> PhoneMoves:
    """Numbers on their way: what one may answer or undo, and what one waits for."""
    found = await phones.open_moves(call.actor.id, now=clock.now())
    return PhoneMoves(items=[_view(move, me=call.actor.id) for move in found])


def _view(move: PhoneMove, *, me: UUID) -> PhoneMoveView:
    return PhoneMoveView.model_validate(
        {
            "id": move.id, "role": "holder" if move.holder == me else "taker", "state": move.state,
            "phone_masked": phones.masked(move), "asked_at": move.created_at,
            "until": move.undo_until or move.expires_at,
        }
    )  # fmt: skip


async def approve_move(call: Call) -> None:
    """Let the number go."""
    await phones.approve(call.actor, call.path_id("id"))


async def deny_move(call: Call) -> None:
    """Keep the number."""
    await phones.deny(call.actor, call.path_id("id"))


async def undo_move(call: Call) -> None:
    """Take the number back."""
    await phones.undo(call.actor, call.path_id("id"))


async def show_merge_code(call: Call) -> MergeCodeView:
    """A code to be typed in the other account."""
    code, seconds = await merging.show_code(call.actor)
    return MergeCodeView(code=code, expires_in=seconds)


async def merge(call: Call, body: MergeAsk) -> MergeView:
    """Join the other account to this one, or with `dry_run` tell what would go along."""
    if body.merge_code is not None:
        other = await merging.by_code(call.actor, body.merge_code)
    else:
        assert body.flow is not None
        assert body.code is not None
        other = await merging.by_sms(call.actor, flow=body.flow, code=body.code, last_four=body.last_four)
    made = await (merging.plan if body.dry_run else merging.merge)(call.actor, other)
    return MergeView.model_validate({"done": not body.dry_run, "moves": made.moves, "conflicts": made.conflicts})


ROUTES = [
    get("/me/identities", list_identities, roles=CITIZEN_ROLES, reach="self"),
    delete("/me/identities/{id}", unbind, roles=CITIZEN_ROLES, reach="own"),
    post("/me/phone", change_phone, roles=CITIZEN_ROLES, reach="self"),
    get("/me/phone-moves", list_moves, roles=CITIZEN_ROLES, reach="own"),
    post("/me/phone-moves/{id}/approve", approve_move, roles=CITIZEN_ROLES, reach="own"),
    post("/me/phone-moves/{id}/deny", deny_move, roles=CITIZEN_ROLES, reach="own"),
    post("/me/phone-moves/{id}/undo", undo_move, roles=CITIZEN_ROLES, reach="own"),
    post("/me/merge-codes", show_merge_code, roles=CITIZEN_ROLES, reach="self", status=201),
    post("/me/merges", merge, roles=CITIZEN_ROLES, reach="self"),
]
