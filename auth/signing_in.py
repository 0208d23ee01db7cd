"""The ways in, and the tokens each ends with: one tap, name and password, a scan, a refresh token."""

from dataclasses import dataclass, replace
from uuid import UUID

from auth import phone_seals, scans, sessions, staff, throttle
from auth.binding import ElsewhereOf, Tap, bind, tell_owner
from auth.citizens import citizen
from auth.config import AuthSettings
from auth.credentials.entering import Entered, enter, was_elsewhere
from auth.credentials.errors import SignedInElsewhere
from auth.credentials.holds import held_back
from auth.devices import Device as Device  # noqa: PLC0414 - was here before
from auth.errors import RefreshRefused
from auth.joining.ways import came_by_tap
from auth.models import Citizen, StaffMember
from auth.platforms import platform
from auth.platforms.base import Platform
from auth.roles import CITIZEN_ROLES
from auth.scans import Collected
from auth.sessions import Opened
from auth.tokens import AccessToken, access_token
from kit import db
from kit.config import current


@dataclass(frozen=True)
class SignedIn:
    access: AccessToken
    refresh_token: str
    person: Citizen | StaffMember
    is_new: bool = False
    entered: Entered | None = None  # staff


async def one_tap(*, name: str, login_code: str, phone_code: str | None, device: Device) -> SignedIn:
    """
    Exchanges the platform's codes, binds, and opens a session.

    Raises: PlatformNotOffered, LoginCodeInvalid, PhoneCodeInvalid, LoginRefusedByPlatform, PlatformUnavailable,
    AccountBoundElsewhere, AccountDisabled, TooMany.
    """
    await throttle.let_pass("one_tap", source=device.address, per_minute=current(AuthSettings).one_taps_per_minute)
    door = platform(name)
    person = await door.identify(login_code)
    phone = await _phone(door, phone_code, person.open_id) if phone_code else None
    try:
        async with db.transaction():
            bound = await bind(Tap(name, door.app_id, person, phone))
            opened = await sessions.open_session(
                kind="citizen", person=bound.citizen.id, device=device.mark, traces=device.traces(name),
                is_new=bound.is_new,
            )  # fmt: skip
            await came_by_tap(opened.session.id, platform=name, app_id=door.app_id, open_id=person.open_id)
    except ElsewhereOf as refused:
        await tell_owner(refused, platform=name)
        raise
    return with_tokens(opened, bound.citizen, roles=CITIZEN_ROLES, is_new=bound.is_new)


async def _phone(door: Platform, phone_code: str, open_id: str) -> str:
    """The number, and what it came in taken where only we can void it; also when the binding is then refused."""
    found = await door.phone_of(phone_code, open_id)
    if found.seal is not None:
        await phone_seals.take(found.seal, bearer=f"{door.name} {door.app_id} {open_id}")
    return found.number


async def staff_sign_in(
    *, username: str, password: str, otp: str | None, device: Device, recovery_code: str | None = None
) -> SignedIn:
    """Raises: StaffSignInRefused, OtpRequired, OtpAlreadyUsed, SignedInAlready, TooMany."""
    await throttle.let_pass(
        "staff_sign_in", source=device.address, per_minute=current(AuthSettings).staff_sign_ins_per_minute
    )
    let_in = await staff.admit(
        username=username, password=password, otp=otp, source=device.source, recovery_code=recovery_code
    )
    entered = await enter(let_in.member, way="password", second_factor=let_in.second_factor, door=device.door)
    return with_entry(let_in.member, entered)


def with_entry(member: StaffMember, entered: Entered) -> SignedIn:
    """The tokens of a member of staff who was let in; without a role in them while held back."""
    roles = frozenset() if entered.held_back else frozenset(member.roles)
    return replace(with_tokens(entered.opened, member, roles=roles), entered=entered)


async def by_scan(ticket: str, secret: str, *, device: Device) -> tuple[Collected, SignedIn | None]:
    """Where the ticket of an asking device stands, and once the tokens. Raises NotFound, TooMany."""
    found = await scans.collect(ticket, secret, device=device)
    if found.opened is None or found.person is None:
        return found, None
    return found, with_tokens(found.opened, found.person, roles=CITIZEN_ROLES)


async def refresh(refresh_token: str, *, device: Device) -> SignedIn:
    """The family's next tokens, with the roles the person has now. Raises RefreshRefused, SignedInElsewhere."""
    try:
        opened = await sessions.rotate(refresh_token, device=device.mark)
    except RefreshRefused:
        if await was_elsewhere(refresh_token):
            raise SignedInElsewhere from None
        raise
    person, roles = await _person_of(opened.session.kind, opened.session.person)
    if opened.session.kind == "staff" and await held_back(opened.session.id):
        roles = frozenset()
    return with_tokens(opened, person, roles=roles)


async def _person_of(kind: str, id: UUID) -> tuple[Citizen | StaffMember, frozenset[str]]:  # noqa: A002
    if kind == "citizen":
        return await citizen(id), CITIZEN_ROLES
    member = await staff.staff_member(id)
    return member, frozenset(member.roles)


def with_tokens(
    opened: Opened, person: Citizen | StaffMember, *, roles: frozenset[str], is_new: bool = False
) -> SignedIn:
    session = opened.session
    token = access_token(person=session.person, kind=session.kind, roles=roles, session=session.id)
    return SignedIn(token, opened.refresh_token, person, is_new)
