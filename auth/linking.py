"""
Linking a phone to an account that is there already (一扫绑定).

A phone that signs in always has an account. It may give its identity to another one only while its own is bare: no
phone number, no name, and no row of the office that points to it. Everything else would be a takeover, of one or the
other, and is for the counter.
"""

import hmac
from uuid import UUID

from auth import sessions
from auth.citizens import open_id_number, open_phone
from auth.errors import AccountBoundElsewhere, AssuranceTooLow, BindingProofWrong, ScanExpired
from auth.events import IdentityBound
from auth.models import Citizen, PlatformIdentity
from kit import audit, clock, db, events
from kit.errors import FieldError, HouseError, InvalidRequest
from kit.texts import text

REFUSALS: tuple[type[HouseError], ...] = (AccountBoundElsewhere, BindingProofWrong, ScanExpired)

POINTING_HERE = """
SELECT c.conrelid::regclass::text AS found_in, quote_ident(a.attname) AS column
FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype = 'f' AND c.confrelid = 'auth_citizen'::regclass
  AND c.conrelid <> 'auth_platform_identity'::regclass
"""


def refuse_unprovable(person: Citizen) -> Citizen:
    """An account is bound by somebody who knows a number of it. Raises AssuranceTooLow when it has none."""
    if proof_of(person) is None:
        raise AssuranceTooLow("phone")
    return person


def proof_of(person: Citizen) -> str | None:
    """Whose last four characters prove the person: `id_number`, else `phone`."""
    if person.id_number_sealed:
        return "id_number"
    return "phone" if person.phone_sealed else None


async def link(account: UUID, *, phone_account: UUID, last_four: str | None) -> None:
    """
    Moves the identity of the phone's bare account to `account`, closes the bare one and ends its sessions, in the open
    transaction. Linking what is linked changes nothing.

    Raises, with nothing written: InvalidRequest without `last_four`, BindingProofWrong, AccountBoundElsewhere.
    """
    both = {account, phone_account}
    locked = {p.id: p for p in await Citizen.select_for_update().filter(id__in=both).order_by("id")}
    _refuse_unproven(locked[account], last_four=last_four)
    if account != phone_account:
        await give(locked[account], giver=locked[phone_account])


async def give(taker: Citizen, *, giver: Citizen) -> None:
    """
    Moves the identities of the bare account `giver` to `taker`, closes it and ends its sessions; both are locked.

    Raises, with nothing written: AccountBoundElsewhere.
    """
    await _refuse_takeover(taker, giver=giver)
    platforms = sorted(i.platform for i in await PlatformIdentity.filter(citizen_id=giver.id))
    await PlatformIdentity.filter(citizen_id=giver.id).update(citizen_id=taker.id)
    await Citizen.filter(id=giver.id).update(disabled_at=clock.now())
    await sessions.end_all(kind="citizen", person=giver.id, reason="bound", actor=f"citizen:{giver.id}")
    await tell_bound(taker.id, by=giver.id, platforms=platforms)


async def tell_bound(account: UUID, *, by: UUID, platforms: list[str]) -> None:
    """Notes on the account which platforms lead to it from now on, and tells its devices."""
    await audit.record(
        actor=f"citizen:{by}", action="citizen.identity_bound", subject=f"citizen:{account}", platforms=platforms
    )
    for name in platforms:
        await events.publish(IdentityBound(citizen=account, platform=name))


def _refuse_unproven(person: Citizen, *, last_four: str | None) -> None:
    if last_four is None:
        missing = text("请输入后四位", "Please enter the last four characters")
        raise InvalidRequest(errors=[FieldError(field="last_four", code="missing", detail=missing)])
    known = open_id_number(person) or open_phone(person) or ""
    if len(known) < 4 or not hmac.compare_digest(known[-4:].upper().encode(), last_four.upper().encode()):
        raise BindingProofWrong


async def _refuse_takeover(taker: Citizen, *, giver: Citizen) -> None:
    bare = giver.assurance == "platform" and giver.phone_index is None and giver.id_number_index is None
    closed = taker.disabled_at is not None or giver.disabled_at is not None
    given = [i.platform for i in await PlatformIdentity.filter(citizen_id=giver.id)]
    has_one = await PlatformIdentity.filter(citizen_id=taker.id, platform__in=given).exists()
    if not bare or closed or has_one or await _holds_anything(giver.id):
        raise AccountBoundElsewhere(
            text(
                "这部手机的账号或要绑定的账号已另有绑定；请携带身份证到窗口办理",
                "This phone or this account is bound elsewhere already; please come to the counter with your ID card",
            )
        )


async def _holds_anything(person: UUID) -> bool:
    return bool(await pointing_to(person))


async def pointing_to(person: UUID) -> list[str]:
    """The tables of any room with a row that points to the account: the schema is asked, so that none is forgotten."""
    found = []
    for row in await db.fetch(POINTING_HERE):
        query = f"SELECT 1 FROM {row['found_in']} WHERE {row['column']} = $1 LIMIT 1"  # noqa: S608 - names from the catalogue
        if await db.fetch_value(query, person):
            found.append(str(row["found_in"]))
    return sorted(set(found))
