"""Signing in with a code: the account of the number, made when there is none. A verified account asks for more."""

from uuid import UUID

from auth import sessions, throttle
from auth.binding import Bound, account_of_phone
from auth.citizens import phone_index, reaches
from auth.config import AuthSettings
from auth.errors import AccountDisabled
from auth.joining import last_four as last_four_of
from auth.joining import ways
from auth.models import Citizen
from auth.roles import CITIZEN_ROLES
from auth.signing_in import Device, SignedIn, with_tokens
from auth.sms import codes
from auth.sms.codes import Proof, Purpose
from auth.sms.config import SmsSettings
from auth.sms.errors import LastFourNeeded
from kit import db
from kit.config import current


async def sign_in(*, flow: str, code: str, last_four: str | None, device: Device) -> SignedIn:
    """
    Raises: SmsCodeWrong; LastFourNeeded, after which the same code is good together with them; BindingProofWrong, which
    counts as a try; AccountDisabled; TooMany, for a day after five wrong ones.
    """
    await throttle.let_pass("sms_sign_in", source=device.address, per_minute=current(AuthSettings).one_taps_per_minute)
    proof = await codes.prove(flow, code, purpose=Purpose.SIGN_IN)
    known = await _judged(proof, last_four)
    async with db.transaction():
        await codes.use(proof)
        bound = await _entered(proof, known=known)
        opened = await sessions.open_session(
            kind="citizen", person=bound.citizen.id, device=device.mark, traces=device.traces("sms"),
            is_new=bound.is_new,
        )  # fmt: skip
        await ways.came_by_sms(opened.session.id)
    return with_tokens(opened, bound.citizen, roles=CITIZEN_ROLES, is_new=bound.is_new)


async def _judged(proof: Proof, given: str | None) -> UUID | None:
    """
    Numbers are given to new people by the operators; a verified account is entered by somebody who knows more. The
    account that somebody knew enough of.
    """
    person = await Citizen.get_or_none(phone_index=phone_index(proof.phone), disabled_at=None)
    if person is None or not _asks_more(person):
        return None
    await last_four_of.judge(person, given)
    return person.id


def _asks_more(person: Citizen) -> bool:
    return current(SmsSettings).sms_asks_last_four and reaches(person.assurance, "real_name")


async def _entered(proof: Proof, *, known: UUID | None) -> Bound:
    bound = await account_of_phone(proof.phone)
    if bound.citizen.disabled_at is not None:
        raise AccountDisabled
    if _asks_more(bound.citizen) and bound.citizen.id != known:  # verified since we looked
        raise LastFourNeeded
    return bound
