"""The accounts of staff (人员), for administrators. Big actions want somebody who proved just now who they are."""

from uuid import UUID

from auth.accounts import accounts
from auth.accounts.accounts import Account
from auth.accounts.schemas import (
    AccountRow,
    AccountRows,
    AccountSession,
    AccountsQuery,
    AccountView,
    BindByAdmin,
    NewAccount,
    OneTimePassword,
)
from auth.credentials.views import staff_brief
from auth.models import StaffMember
from auth.staff import add_staff, staff_member
from auth.step_up import require_fresh
from auth.workplaces import identities, workplace
from auth.workplaces.base import WorkplacePerson
from auth.workplaces.schemas import WorkplaceBinding
from kit.cursors import end_of, place_in
from kit.web import Call, delete, get, post, put

ADMIN = frozenset({"admin"})


async def list_accounts(call: Call, query: AccountsQuery) -> AccountRows:  # noqa: ARG001
    """By user name; `q` looks in user name, name and number."""
    disabled = {"open": False, "disabled": True, "all": None}[query.state]
    (after,) = place_in("accounts", query.cursor, str) or ("",)
    members = await accounts.found(words=query.q, disabled=disabled, after=after, limit=query.limit + 1)
    rows = [_row(member) for member in members[: query.limit]]
    more = len(members) > query.limit
    return AccountRows(items=rows, next_cursor=end_of("accounts", rows[-1].username) if more else None)


async def add_account(call: Call, body: NewAccount) -> OneTimePassword:
    """A clerk's account; its password is shown once and changed at the first sign-in."""
    await require_fresh(call.actor)
    made = await add_staff(
        body.username, name=body.name, roles=["clerk"], department=body.department, title=body.title,
        actor=call.actor.name,
    )  # fmt: skip
    return OneTimePassword(account=await _view(made.staff_id), one_time_password=made.password)


async def one_account(call: Call) -> AccountView:
    """With sessions and workplaces; no secret of anybody's."""
    return await _view(call.path_id("id"))


async def disable_account(call: Call) -> AccountView:
    """Closes the account; its sessions end at once."""
    await accounts.close(call.actor, call.path_id("id"))
    return await _view(call.path_id("id"))


async def enable_account(call: Call) -> AccountView:
    """Opens the account again."""
    await require_fresh(call.actor)
    await accounts.reopen(call.actor, call.path_id("id"))
    return await _view(call.path_id("id"))


async def reset_password(call: Call) -> OneTimePassword:
    """A fresh one-time password, shown once; the member is told."""
    await require_fresh(call.actor)
    password = await accounts.fresh_password(call.actor, call.path_id("id"))
    return OneTimePassword(account=await _view(call.path_id("id")), one_time_password=password)


async def reset_second_factor(call: Call) -> AccountView:
    """Takes the second factor away, so that the member enrols another; the member is told."""
    await require_fresh(call.actor)
    await accounts.without_second_factor(call.actor, call.path_id("id"))
    return await _view(call.path_id("id"))


async def end_session(call: Call) -> AccountView:
    """Signs one device of the member out."""
    await accounts.end_session_of(call.actor, call.path_id("id"), session=call.path_id("session"))
    return await _view(call.path_id("id"))


async def bind_workplace(call: Call, body: BindByAdmin) -> AccountView:
    """Says who the member is at a workplace; it never stands for the second factor before they bind it themselves."""
    await require_fresh(call.actor)
    door, member = workplace(call.path("kind")), await staff_member(call.path_id("id"))
    person = WorkplacePerson(door.organisation, door.normal(body.subject))
    await identities.bind(member, door.kind, person, vouched=False, actor=call.actor.name)
    return await _view(member.id)


async def unbind_workplace(call: Call) -> AccountView:
    """The member does not sign in there any more."""
    await require_fresh(call.actor)
    await identities.unbind(await staff_member(call.path_id("id")), call.path("kind"), actor=call.actor.name)
    return await _view(call.path_id("id"))


async def _view(id: UUID) -> AccountView:  # noqa: A002
    held: Account = await accounts.account(id)
    return AccountView(
        **_row(held.member).model_dump(), created_at=held.member.created_at, password_set_at=held.password_set_at,
        must_change=held.must_change, recovery_codes_left=held.recovery_codes_left,
        recovery_code_used_at=held.recovery_code_used_at,
        sessions=[AccountSession(**vars(one) | {"id": str(one.id)}) for one in held.sessions],
        workplaces=[WorkplaceBinding.model_validate(one) for one in held.workplaces],
    )  # fmt: skip


def _row(member: StaffMember) -> AccountRow:
    return AccountRow(
        **staff_brief(member).model_dump(), disabled_at=member.disabled_at,
        second_factor=member.totp_sealed is not None,
    )  # fmt: skip


ROUTES = [
    get("/staff", list_accounts, roles=ADMIN, reach="all"),
    post("/staff", add_account, cost=5, roles=ADMIN, reach="all", status=201),
    get("/staff/{id}", one_account, roles=ADMIN, reach="all"),
    post("/staff/{id}/disable", disable_account, roles=ADMIN, reach="all"),
    post("/staff/{id}/enable", enable_account, roles=ADMIN, reach="all"),
    post("/staff/{id}/password-reset", reset_password, cost=5, roles=ADMIN, reach="all"),
    post("/staff/{id}/second-factor-reset", reset_second_factor, roles=ADMIN, reach="all"),
    delete(
        "/staff/{id}/sessions/{session}",
        end_session,
        roles=ADMIN,
        reach="all",
        examples={"session": "3f2b8c1e-5d47-4a90-8c11-0d6a5b9e7f21"},
    ),
    put("/staff/{id}/workplaces/{kind}", bind_workplace, roles=ADMIN, reach="all", examples={"kind": "dingtalk"}),
    delete("/staff/{id}/workplaces/{kind}", unbind_workplace, roles=ADMIN, reach="all", examples={"kind": "dingtalk"}),
]
