"""
One-tap sign-in: a platform's identity becomes an account, or finds its own again.

The unique keys decide: (platform, app, open id) is one account, and a phone belongs to one account. Every step is
insert, give way on conflict, look; fifty taps of one person at once make one account.
"""

from dataclasses import dataclass
from uuid import UUID

from auth.citizens import phone_index, reaches, seal_phone
from auth.errors import AccountBoundElsewhere, AccountDisabled
from auth.events import BindingRefused, CitizenJoined
from auth.joining import phones
from auth.linking import give, tell_bound
from auth.models import Citizen, PlatformIdentity
from auth.platforms.base import PlatformPerson
from kit import audit, clock, db, events
from kit.errors import Unavailable
from kit.ids import new_id

ROUNDS = 5  # each lost race is somebody else's commit, after which looking finds it


@dataclass(frozen=True)
class Tap:
    """Who the platform says it is, and the phone it says they have (None: they were not asked)."""

    platform: str
    app_id: str
    person: PlatformPerson
    phone: str | None


@dataclass(frozen=True)
class Bound:
    citizen: Citizen
    is_new: bool


async def bind(tap: Tap) -> Bound:
    """
    The account of the person who taps, in the open transaction; made when there is none.

    A phone verified on two platforms leads to one account: an identity that is new, or whose own account is bare,
    joins the account of its phone, which is noted on that account and told to its devices.

    Raises: AccountDisabled; AccountBoundElsewhere when the phone belongs to an account this identity may not enter:
    another identity of the same platform signs in to it, or it is verified by real name, or the identity has an account
    that holds something already. Nothing is taken over.
    """
    if tap.phone is not None:  # one tap at a time about one number; before any row is locked
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 8))", phone_index(tap.phone))
    for _ in range(ROUNDS):
        bound = await _returning(tap) or await _by_phone(tap) or await _new(tap)
        if bound is not None:
            return bound
    raise Unavailable


async def account_of_phone(phone: str) -> Bound:
    """The account of a number that was just proved without a platform, locked; made when there is none."""
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 8))", phone_index(phone))
    holder = await Citizen.select_for_update().get_or_none(phone_index=phone_index(phone))
    if holder is not None:
        return Bound(holder, is_new=False)
    person = Citizen(id=new_id(), assurance="phone", created_at=clock.now())
    seal_phone(person, phone)
    await person.save(force_create=True)
    await audit.record(actor=f"citizen:{person.id}", action="citizen.joined", subject=f"citizen:{person.id}", by="sms")
    await events.publish(CitizenJoined(citizen=person.id, platform="sms"))
    return Bound(person, is_new=True)


async def _returning(tap: Tap) -> Bound | None:
    identity = await PlatformIdentity.get_or_none(platform=tap.platform, app_id=tap.app_id, open_id=tap.person.open_id)
    if identity is None:
        return None
    index = phone_index(tap.phone) if tap.phone is not None else None
    holders = await Citizen.filter(phone_index=index).values_list("id", flat=True) if index else []
    both = {identity.citizen_id, *holders}  # type: ignore[attr-defined]
    locked = {p.id: p for p in await Citizen.select_for_update().filter(id__in=both).order_by("id")}
    person = locked.pop(identity.citizen_id)  # type: ignore[attr-defined]
    _refuse_disabled(person)
    for holder in locked.values():
        return await _joined(holder, giver=person)
    if index is not None and person.phone_index != index:
        assert tap.phone is not None
        await phones.take(person, tap.phone)
    return Bound(person, is_new=False)


async def _joined(holder: Citizen, *, giver: Citizen) -> Bound:
    """The person came without a phone first, to an account that stayed bare; now the phone tells whose it is."""
    if reaches(holder.assurance, "real_name"):
        raise ElsewhereOf(holder.id)
    try:
        await give(holder, giver=giver)
    except AccountBoundElsewhere:
        raise ElsewhereOf(holder.id) from None
    return Bound(holder, is_new=False)


async def _by_phone(tap: Tap) -> Bound | None:
    """An identity of another platform may join the account with its phone, as long as nobody is verified in it."""
    if tap.phone is None:
        return None
    holder = await Citizen.select_for_update().get_or_none(phone_index=phone_index(tap.phone))
    if holder is None:
        return None
    same_platform = await PlatformIdentity.exists(citizen_id=holder.id, platform=tap.platform)
    if same_platform or reaches(holder.assurance, "real_name"):
        known = await PlatformIdentity.exists(
            platform=tap.platform, app_id=tap.app_id, open_id=tap.person.open_id, citizen_id=holder.id
        )
        if known:  # our own other tap was quicker
            return None
        raise ElsewhereOf(holder.id)
    _refuse_disabled(holder)
    if not await _identity_inserted(tap, holder.id):
        return None
    await tell_bound(holder.id, by=holder.id, platforms=[tap.platform])
    return Bound(holder, is_new=False)


async def _new(tap: Tap) -> Bound | None:
    """A new account, or None when another tap of the same person or phone was quicker."""
    person = Citizen(id=new_id(), assurance="phone" if tap.phone else "platform", created_at=clock.now())
    if tap.phone:
        seal_phone(person, tap.phone)
    inserted = await db.execute(
        "INSERT INTO auth_citizen (id, assurance, phone_sealed, phone_index, locale, elder_mode, created_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (phone_index) DO NOTHING",
        person.id, person.assurance, person.phone_sealed, person.phone_index, person.locale, person.elder_mode,
        person.created_at,
    )  # fmt: skip
    if not inserted:
        return None
    if not await _identity_inserted(tap, person.id):
        await db.execute("DELETE FROM auth_citizen WHERE id = $1", person.id)
        return None
    await audit.record(
        actor=f"citizen:{person.id}", action="citizen.joined", subject=f"citizen:{person.id}", platform=tap.platform
    )
    await events.publish(CitizenJoined(citizen=person.id, platform=tap.platform))
    return Bound(await Citizen.get(id=person.id), is_new=True)


async def _identity_inserted(tap: Tap, citizen: UUID) -> bool:
    return await db.execute(
        "INSERT INTO auth_platform_identity (id, platform, app_id, open_id, union_id, citizen_id, created_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (platform, app_id, open_id) DO NOTHING",
        new_id(), tap.platform, tap.app_id, tap.person.open_id, tap.person.union_id, citizen, clock.now(),
    ) == 1  # fmt: skip


def _refuse_disabled(person: Citizen) -> None:
    if person.disabled_at is not None:
        raise AccountDisabled


class ElsewhereOf(AccountBoundElsewhere):
    """The refusal, with the account whose owner is to be told; the account is not part of the answer."""

    def __init__(self, owner: UUID) -> None:
        super().__init__()
        self.owner = owner


async def tell_owner(refused: ElsewhereOf, *, platform: str) -> None:
    """Notes the attempt on the owner's account and tells them, after the refused transaction is undone."""
    subject = f"citizen:{refused.owner}"
    async with db.transaction():
        await audit.record(actor="system", action="citizen.binding_refused", subject=subject, platform=platform)
        await events.publish(BindingRefused(citizen=refused.owner, platform=platform))
