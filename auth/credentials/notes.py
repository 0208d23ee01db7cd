"""What a member of staff is told at the next sign-in: what others did with their account, or near it."""

from uuid import UUID

from auth.credentials.models import StaffNote
from auth.models import StaffMember
from kit import clock
from kit.ids import new_id
from kit.texts import Text, text

KEPT_TO_READ = 20
SAID = {
    "second_factor_reset": ("管理员重置了您的动态验证码", "An administrator reset your second factor"),
    "password_reset": ("管理员重置了您的密码", "An administrator reset your password"),
    "recovery_code_used": ("有人用恢复码登录了您的账号", "A recovery code was used to sign in to your account"),
    "recovery_codes_made": ("您的账号生成了一组新的恢复码", "New recovery codes were made for your account"),
    "other_used_recovery_code": ("用恢复码登录：{about}", "{about} signed in with a recovery code"),
    "other_made_recovery_codes": ("绑定动态验证码并生成恢复码：{about}", "{about} enrolled an authenticator"),
    "workplace_bound": ("您的账号绑定了钉钉或企业微信", "DingTalk or WeCom was bound to your account"),
    "workplace_unbound": ("您的账号解除了钉钉或企业微信", "DingTalk or WeCom was unbound from your account"),
}


async def leave(staff: UUID, *, kind: str, about: str = "") -> None:
    """In the open transaction."""
    assert kind in SAID, kind
    await StaffNote.create(id=new_id(), staff_id=staff, kind=kind, about=about, at=clock.now())


async def leave_for_admins(*, kind: str, about: StaffMember) -> None:
    """Every administrator but the person it is about."""
    admins = await StaffMember.filter(roles__contains=["admin"], disabled_at=None).exclude(id=about.id)
    for admin in admins:
        await leave(admin.id, kind=kind, about=about.username)


async def to_tell(staff: UUID, *, for_good: bool) -> list[tuple[StaffNote, Text]]:
    """What was not told yet, the oldest first; `for_good` marks it told."""
    waiting = await StaffNote.filter(staff_id=staff, told_at=None).order_by("at").limit(KEPT_TO_READ)
    if for_good and waiting:
        await StaffNote.filter(id__in=[note.id for note in waiting]).update(told_at=clock.now())
    return [(note, _said(note)) for note in waiting]


def _said(note: StaffNote) -> Text:
    chinese, english = SAID[note.kind]
    return text(chinese.format(about=note.about), english.format(about=note.about))
