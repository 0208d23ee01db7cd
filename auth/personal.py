"""What signing in and identity keep of a person: told, and forgotten."""

from uuid import UUID

from auth import papers
from auth.attestation.models import FaceCheck, NameClaim, RealNameRecord
from auth.citizens import open_id_number, open_name, open_phone
from auth.models import Citizen, PlatformIdentity, Scan, Session
from auth.privacy.contributors import Chapter, Contributor, Kept
from auth.sms.models import SmsCode
from kit import clock, crypto, db
from kit.texts import text

DUTY = "PIPL 13(1)(3), 34; Cybersecurity Law 24"
IDENTITY = text("账号与实名信息", "Account and real name")
DEVICES = text("登录设备", "Signed-in devices")
WHO_FILES = text("确认办事人身份", "To know who files")
UNTIL_CLOSED = text("注销账号为止", "Until the account is closed")

KEPT = (
    Kept("auth_citizen", IDENTITY, WHO_FILES, DUTY, UNTIL_CLOSED, "deleted"),
    Kept(
        "auth_platform_identity",
        text("微信、支付宝绑定", "WeChat and Alipay bindings"),
        WHO_FILES,
        DUTY,
        UNTIL_CLOSED,
        "deleted",
    ),
    Kept(
        "auth_session",
        DEVICES,
        text("保持登录、识别盗用", "To stay signed in and notice theft"),
        DUTY,
        text("退出后 30 天", "30 days after signing out"),
        "deleted",
    ),
    Kept(
        "auth_refresh_token",
        DEVICES,
        text("保持登录、识别盗用", "To stay signed in and notice theft"),
        DUTY,
        text("退出后 30 天", "30 days after signing out"),
        "deleted",
    ),
    Kept(
        "auth_scan",
        text("扫码记录", "QR sign-ins"),
        text("扫码登录", "To sign in by QR code"),
        DUTY,
        text("1 天", "1 day"),
        "deleted",
    ),
    Kept("attestation_real_name", IDENTITY, WHO_FILES, DUTY, UNTIL_CLOSED, "deleted"),
    Kept("attestation_name_claim", text("证件申请", "Documents staff judge"), WHO_FILES, DUTY, UNTIL_CLOSED, "deleted"),
    Kept(
        "attestation_face_check",
        text("人脸核验结果", "Face check results"),
        text("高风险操作的身份核验", "To verify who acts where much is at stake"),
        "PIPL 29",
        text("184 天，撤回同意即删", "184 days, or until you withdraw"),
        "deleted",
    ),
    Kept(
        "sms_code",
        text("短信验证码记录", "Text message codes"),
        text("验证手机号", "To verify a phone number"),
        DUTY,
        text("数日", "Some days"),
        "deleted",
    ),
    Kept(
        "kit_idempotent_call",
        text("重复提交保护", "Protection against double taps"),
        text("防止重复提交", "To file and pay once"),
        DUTY,
        text("48 小时", "48 hours"),
        "deleted",
    ),
)


async def about(person: Citizen) -> list[Chapter]:
    account = {
        "phone": open_phone(person),
        "name": open_name(person),
        "id_number": open_id_number(person),
        "assurance": person.assurance,
        "locale": person.locale,
        "elder_mode": person.elder_mode,
        "created_at": str(clock.city_time(person.created_at)),
    }
    return [
        Chapter("account", IDENTITY, [account]),
        await _identities(person.id),
        await _sessions(person.id),
        await _verified(person.id),
    ]


async def _identities(person: UUID) -> Chapter:
    rows = await PlatformIdentity.filter(citizen_id=person).order_by("created_at")
    records = [
        {"platform": r.platform, "open_id": r.open_id, "union_id": r.union_id, "at": str(clock.city_time(r.created_at))}
        for r in rows
    ]
    return Chapter("identities", text("平台绑定", "Bound platforms"), records)


async def _sessions(person: UUID) -> Chapter:
    rows = await Session.filter(kind="citizen", person=person).order_by("created_at")
    scans = await Scan.filter(citizen=person).order_by("created_at")
    records = [
        {
            "label": r.label,
            "at": str(clock.city_time(r.created_at)),
            "ended_at": str(r.ended_at or ""),
            "kind": "session",
        }
        for r in rows
    ]
    records += [
        {"label": s.device_label, "at": str(clock.city_time(s.created_at)), "state": s.state, "kind": "scan"}
        for s in scans
    ]
    codes = await SmsCode.filter(owner=person).order_by("created_at")
    records += [{"purpose": c.purpose, "at": str(clock.city_time(c.created_at)), "kind": "sms"} for c in codes]
    return Chapter("devices", DEVICES, records)


async def _verified(person: UUID) -> Chapter:
    records: list[dict[str, object]] = [
        {"kind": "real_name", "document": r.document, "by": r.by.partition(":")[0], "at": str(clock.city_time(r.at))}
        for r in await RealNameRecord.filter(citizen=person)
    ]
    for claim in await NameClaim.filter(citizen=person).order_by("created_at"):
        opened: dict[str, object] = {
            what: crypto.unseal(sealed, bound_to=f"attestation_name_claim.{what}:{claim.id}")
            for what, sealed in (("name", claim.name_sealed), ("number", claim.number_sealed))
        }
        records.append(
            {"kind": "claim", "document": claim.document, "state": claim.state, "reason": claim.reason} | opened
        )
    records += [
        {"kind": "face", "state": c.state, "at": str(clock.city_time(c.created_at))}
        for c in await FaceCheck.filter(citizen=person).order_by("created_at")
    ]
    return Chapter("verified", text("核验记录", "Verifications"), records)


async def forget(person: Citizen) -> list[str]:
    """The row stays without anything in it: other rows name it, and its id leads to nobody."""
    if person.phone_index is not None:
        await SmsCode.filter(phone_index=person.phone_index).delete()
    await SmsCode.filter(owner=person.id).delete()
    await PlatformIdentity.filter(citizen_id=person.id).delete()
    sessions = "SELECT id FROM auth_session WHERE kind = 'citizen' AND person = $1"
    await db.execute(f"DELETE FROM auth_refresh_token WHERE session_id IN ({sessions})", person.id)  # noqa: S608 - our own text
    await db.execute("DELETE FROM auth_session WHERE kind = 'citizen' AND person = $1", person.id)
    await db.execute("DELETE FROM auth_scan WHERE citizen = $1 OR account = $1", person.id)
    for claim in await NameClaim.filter(citizen=person.id):
        await papers.release(claim.photos, used_by=f"name_claim:{claim.id}")
    for model in (RealNameRecord, NameClaim, FaceCheck):
        await model.filter(citizen=person.id).delete()
    await db.execute("DELETE FROM kit_idempotent_call WHERE caller = $1", f"citizen:{person.id}")
    await Citizen.filter(id=person.id).update(
        phone_sealed=None,
        phone_index=None,
        name_sealed=None,
        id_number_sealed=None,
        id_number_index=None,
        assurance="platform",
        locale="zh-CN",
        elder_mode=False,
        disabled_at=person.disabled_at or clock.now(),
    )
    return []


async def forget_purpose(citizen: UUID, purpose: str) -> list[str]:
    """The results of face checks rest on that consent alone (PIPL art. 47 (1)(3))."""
    if purpose == "face":
        await FaceCheck.filter(citizen=citizen).delete()
    return []


async def subjects(person: Citizen) -> list[str]:
    """What of the audit log is about them beside their account."""
    return [f"name_claim:{id_}" for id_ in await NameClaim.filter(citizen=person.id).values_list("id", flat=True)]


CONTRIBUTOR = Contributor("auth", KEPT, about, forget, forget_purpose=forget_purpose, subjects=subjects)
