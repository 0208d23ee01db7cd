"""Accounts nobody signs in with: of firms, and of represented people an office knows from papers."""

import json
from uuid import UUID

from auth.acting.errors import ClaimDiffers
from auth.acting.events import RepresentedJoined
from auth.acting.models import LegalPerson, Mandate, Represented
from auth.citizens import open_name
from auth.models import Citizen, PlatformIdentity
from kit import audit, clock, crypto, db, events
from kit.ids import new_id

POINTING_HERE = """
SELECT c.conrelid::regclass::text AS found_in, quote_ident(a.attname) AS column
FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype = 'f' AND c.confrelid = 'auth_citizen'::regclass AND c.conrelid <> 'acting_represented'::regclass
"""


def number_index(number: str) -> str:
    """The blind index of an ID number or credit code; bills find their payer by the same."""
    return crypto.blind_index(number, purpose="citizen.id_number")


def seal_claim(mandate: Mandate, *, name: str, number: str) -> None:
    """Keeps what the asker says of the represented."""
    told = json.dumps({"name": name, "number": number}, ensure_ascii=False)
    mandate.claimed_sealed = crypto.seal(told, bound_to=f"acting_mandate.claimed:{mandate.id}")
    mandate.claimed_index = number_index(number)


def open_claim(mandate: Mandate) -> tuple[str, str]:
    """Name and number as they were claimed, in the clear; the caller writes the audit row when staff read them."""
    if mandate.claimed_sealed is None:
        return "", ""
    told = json.loads(crypto.unseal(mandate.claimed_sealed, bound_to=f"acting_mandate.claimed:{mandate.id}"))
    return str(told["name"]), str(told["number"])


async def can_answer(person: Citizen) -> bool:
    """Whether somebody signs in with the account: by a platform, or by codes to its number."""
    if person.disabled_at is not None:
        return False
    return person.phone_index is not None or await PlatformIdentity.filter(citizen_id=person.id).exists()


async def open_account(*, name: str, number: str) -> Citizen:
    """An account known by name and number, without a phone. Raises IntegrityError for a number that is taken."""
    person = Citizen(id=new_id(), assurance="real_name", created_at=clock.now(), id_number_index=number_index(number))
    person.name_sealed = crypto.seal(name, bound_to=f"auth_citizen.name:{person.id}")
    person.id_number_sealed = crypto.seal(number, bound_to=f"auth_citizen.id_number:{person.id}")
    await person.save(force_create=True)
    return person


async def represented_account(mandate: Mandate, *, by: str) -> UUID:
    """
    The account of the represented: the one of the number, or one made from the papers, in the open transaction.

    Raises: ClaimDiffers when the number's account has another name.
    """
    name, number = open_claim(mandate)
    known = await Citizen.filter(id_number_index=mandate.claimed_index).select_for_update().first()
    if known is not None:
        if open_name(known) != name or known.disabled_at is not None:
            raise ClaimDiffers
        return known.id
    person = await open_account(name=name, number=number)
    await Represented.create(account_id=person.id, made_by=by, made_at=clock.now())
    await audit.record(actor=by, action="citizen.made_from_papers", subject=f"citizen:{person.id}", mandate=mandate.id)
    return person.id


async def firm_account(*, name: str, code: str) -> LegalPerson:
    """The firm's row and account, made in the open transaction."""
    account = await open_account(name=name, number=code)
    return await LegalPerson.create(account_id=account.id, credit_code=code, name=name, created_at=clock.now())


async def join(holder: Citizen, person: Citizen, *, name: str) -> bool:
    """
    Gives the verified `person` everything of `holder`, an account made from papers nobody has signed in to; both are
    locked. False, with nothing written, when `holder` is not such an account.

    Raises: IntegrityError when both have what one person has once; nothing of the transaction stands then.
    """
    made = await Represented.get_or_none(account_id=holder.id, joined_at=None)
    if made is None or holder.disabled_at is not None or await can_answer(holder) or open_name(holder) != name:
        return False
    await _hand_all(holder.id, to=person.id)
    await Citizen.filter(id=holder.id).update(
        disabled_at=clock.now(), assurance="platform", id_number_index=None, id_number_sealed=None, name_sealed=None
    )
    await Represented.filter(account_id=holder.id).update(joined_by=person.id, joined_at=clock.now())
    await audit.record(
        actor=f"citizen:{person.id}", action="citizen.joined_papers", subject=f"citizen:{person.id}",
        former_account=str(holder.id),
    )  # fmt: skip
    await events.publish(RepresentedJoined(citizen=person.id, former_account=holder.id))
    return True


async def _hand_all(holder: UUID, *, to: UUID) -> None:
    """The schema is asked which rows point to an account, so that a new room is not forgotten."""
    for row in await db.fetch(POINTING_HERE):
        move_rows = f"UPDATE {row['found_in']} SET {row['column']} = $2 WHERE {row['column']} = $1"  # noqa: S608 - names from the catalogue
        await db.execute(move_rows, holder, to)
