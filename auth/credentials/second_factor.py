"""
The authenticator (RFC 6238) and the recovery codes that stand in for a lost one.

A secret that was shown is not in force before a right code of it came back. Codes and recovery codes are taken once.
"""

import io
import secrets
from dataclasses import dataclass
from datetime import timedelta

import pyotp
import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.pil import PilImage

from auth.config import AuthSettings
from auth.credentials import notes
from auth.credentials.errors import CodeWrong, NothingOffered
from auth.credentials.models import RecoveryCode
from auth.credentials.passwords import locked
from auth.errors import OtpAlreadyUsed, OtpRequired, StaffSignInRefused
from auth.models import StaffMember
from kit import audit, clock, crypto, db
from kit.config import current

ISSUER = "Handheld Office"
OFFER_LASTS = timedelta(minutes=15)
RECOVERY_CODES = 10
ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # nothing that is read as something else


@dataclass(frozen=True)
class Offered:
    """A secret to be taken by an authenticator; `png` shows `uri` as a QR code."""

    secret: str
    uri: str
    png: bytes


async def offer(member: StaffMember) -> Offered:
    """A fresh secret, good for nothing before `confirm`. What is in force stays in force."""
    secret = pyotp.random_base32()
    async with db.transaction():
        row = await locked(member.id)
        row.offered_totp_sealed = crypto.seal(secret, bound_to=_offered(member))
        row.offered_at = clock.now()
        await row.save(update_fields=["offered_totp_sealed", "offered_at"])
        await audit.record(actor=f"staff:{member.id}", action="staff.totp_offered", subject=f"staff:{member.id}")
    uri = pyotp.TOTP(secret).provisioning_uri(name=member.username, issuer_name=ISSUER)
    return Offered(secret, uri, _drawn(uri))


def _offered(member: StaffMember) -> str:
    return f"credentials_staff_credential.offered_totp:{member.id}"


def _drawn(uri: str) -> bytes:
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, box_size=6, border=4)
    code.add_data(uri)
    out = io.BytesIO()
    code.make_image(image_factory=PilImage).save(out, format="PNG")
    return out.getvalue()


async def confirm(member: StaffMember, *, otp: str) -> list[str]:
    """
    The offered secret is the member's second factor from now on; ten recovery codes, to be shown once.

    Raises: NothingOffered, CodeWrong.
    """
    async with db.transaction():
        row = await locked(member.id)
        fresh = row.offered_at is not None and clock.now() - row.offered_at <= OFFER_LASTS
        if row.offered_totp_sealed is None or not fresh:
            raise NothingOffered
        secret = crypto.unseal(row.offered_totp_sealed, bound_to=_offered(member))
        step = step_of(secret, otp)
        if step is None:
            raise CodeWrong
        await set_totp(member, secret, used_step=step, actor=f"staff:{member.id}")
        row.offered_totp_sealed, row.offered_at = None, None
        await row.save(update_fields=["offered_totp_sealed", "offered_at"])
        codes = await _fresh_recovery_codes(member)
        await notes.leave(member.id, kind="recovery_codes_made")
        await notes.leave_for_admins(kind="other_made_recovery_codes", about=member)
    return codes


async def set_totp(member: StaffMember, secret: str, *, used_step: int | None = None, actor: str = "system") -> None:
    """`secret`: base32, as an authenticator app takes it. Recovery codes of an earlier one are void."""
    sealed = crypto.seal(secret, bound_to=f"auth_staff_member.totp:{member.id}")
    async with db.transaction():
        await StaffMember.filter(id=member.id).update(totp_sealed=sealed, totp_last_step=used_step)
        await RecoveryCode.filter(staff_id=member.id).delete()
        await audit.record(actor=actor, action="staff.totp_set", subject=f"staff:{member.id}")
    member.totp_sealed = sealed


async def _fresh_recovery_codes(member: StaffMember) -> list[str]:
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    now = clock.now()
    await RecoveryCode.bulk_create(
        [RecoveryCode(digest=_digest(member, code), staff_id=member.id, made_at=now) for code in codes]
    )
    await audit.record(
        actor=f"staff:{member.id}", action="staff.recovery_codes_made", subject=f"staff:{member.id}", made=len(codes)
    )
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _digest(member: StaffMember, code: str) -> str:
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return crypto.blind_index(f"{member.id}\0{plain}", purpose="staff.recovery_code")


async def judge(member: StaffMember, *, otp: str | None, recovery_code: str | None = None) -> str:
    """
    Which second factor was shown: `totp`, `recovery`, or none (empty) for a member who has not enrolled yet.

    Raises: OtpRequired, OtpAlreadyUsed, StaffSignInRefused.
    """
    if member.totp_sealed is None:
        return ""
    if recovery_code:
        await _use_recovery_code(member, recovery_code)
        return "recovery"
    if not otp:
        raise OtpRequired
    await _use_otp(member, otp)
    return "totp"


async def _use_otp(member: StaffMember, otp: str) -> None:
    assert member.totp_sealed is not None
    step = step_of(crypto.unseal(member.totp_sealed, bound_to=f"auth_staff_member.totp:{member.id}"), otp)
    if step is None:
        raise await _refused(member)
    taken = await db.execute(
        "UPDATE auth_staff_member SET totp_last_step = $2 WHERE id = $1 AND COALESCE(totp_last_step, 0) < $2",
        member.id, step,
    )  # fmt: skip
    settings = current(AuthSettings)
    if not taken and (settings.staff_otp_once or not settings.demo):
        raise OtpAlreadyUsed


async def _use_recovery_code(member: StaffMember, code: str) -> None:
    async with db.transaction():
        used = await RecoveryCode.filter(digest=_digest(member, code), staff_id=member.id, used_at=None).update(
            used_at=clock.now()
        )
        if used:
            await audit.record(
                actor=f"staff:{member.id}", action="staff.recovery_code_used", subject=f"staff:{member.id}"
            )
            await notes.leave(member.id, kind="recovery_code_used")
            await notes.leave_for_admins(kind="other_used_recovery_code", about=member)
            return
    raise await _refused(member)


async def _refused(member: StaffMember) -> StaffSignInRefused:
    await audit.record(actor="system", action="staff.sign_in_refused", subject=f"staff:{member.id}")
    return StaffSignInRefused()


def step_of(secret: str, otp: str) -> int | None:
    """The half-minute the code belongs to: this one, or one beside it (RFC 6238 §5.2)."""
    totp, now = pyotp.TOTP(secret), int(clock.now().timestamp()) // 30
    fitting = [step for step in (now - 1, now, now + 1) if secrets.compare_digest(totp.at(step * 30), otp.zfill(6))]
    return fitting[-1] if fitting else None


async def reset(member: StaffMember, *, actor: str) -> None:
    """Takes the second factor away, so that another is enrolled at the next sign-in; nobody ever reads it."""
    async with db.transaction():
        row = await locked(member.id)
        row.offered_totp_sealed, row.offered_at = None, None
        await row.save(update_fields=["offered_totp_sealed", "offered_at"])
        await StaffMember.filter(id=member.id).update(totp_sealed=None, totp_last_step=None)
        await RecoveryCode.filter(staff_id=member.id).delete()
        await notes.leave(member.id, kind="second_factor_reset")
        await audit.record(actor=actor, action="staff.totp_reset", subject=f"staff:{member.id}")
    member.totp_sealed = None
