"""Signing in with a code: the account of the number, made when there is none. A verified account asks for more."""

from auth import sessions, throttle
from auth.binding import Bound, account_of_phone
from auth.citizens import reaches
from auth.config import AuthSettings
from auth.errors import AccountDisabled
from auth.joining import ways
from auth.joining.merging import refuse_without_last_four
from auth.roles import CITIZEN_ROLES
from auth.signing_in import Device, SignedIn, with_tokens
from auth.sms import codes
from auth.sms.codes import Proof, Purpose
from auth.sms.config import SmsSettings
from kit import db
from kit.config import current


async def sign_in(*, flow: str, code: str, last_four: str | None, device: Device) -> SignedIn:
    """
    Raises: SmsCodeWrong; LastFourNeeded, after which the same code is good together with them; BindingProofWrong, which
    counts as a try; AccountDisabled, TooMany.
    """
    await throttle.let_pass("sms_sign_in", source=device.address, per_minute=current(AuthSettings).one_taps_per_minute)
    proof = await codes.prove(flow, code, purpose=Purpose.SIGN_IN)
    async with db.transaction():
        await codes.use(proof)
        bound = await _entered(proof, last_four=last_four)
        opened = await sessions.open_session(
            kind="citizen", person=bound.citizen.id, device=device.mark, traces=device.traces("sms"),
            is_new=bound.is_new,
        )  # fmt: skip
        await ways.came_by_sms(opened.session.id)
    return with_tokens(opened, bound.citizen, roles=CITIZEN_ROLES, is_new=bound.is_new)


async def _entered(proof: Proof, *, last_four: str | None) -> Bound:
    """Numbers are given to new people by the operators; a verified account is entered by somebody who knows more."""
    bound = await account_of_phone(proof.phone)
    if bound.citizen.disabled_at is not None:
        raise AccountDisabled
    if current(SmsSettings).sms_asks_last_four and reaches(bound.citizen.assurance, "real_name"):
        refuse_without_last_four(bound.citizen, last_four)
    return bound
