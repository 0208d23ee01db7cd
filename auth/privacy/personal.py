"""What people's own rights leave behind: consents, exports, corrections, closures."""

from auth.models import Citizen
from auth.privacy.contributors import Chapter, Contributor, Kept
from auth.privacy.corrections import opened
from auth.privacy.models import Closure, Consent, CorrectionRequest, Deletion, Export
from auth.privacy.states import CorrectionState, ExportState
from kit import clock
from kit.texts import text

CONSENTS = text("同意记录", "Consents")
RIGHTS = text("个人信息权利申请", "Requests about one's own data")
PROOF = "PIPL 13, 14, 55, 56"
THREE_YEARS = text("3 年", "3 years")

KEPT = (
    Kept("privacy_consent", CONSENTS, text("证明同意", "To prove consent"), PROOF, THREE_YEARS, "pseudonymised"),
    Kept(
        "privacy_export",
        RIGHTS,
        text("履行查阅复制义务", "To give copies"),
        "PIPL 45",
        text("24 小时", "24 hours"),
        "deleted",
    ),
    Kept(
        "privacy_correction",
        RIGHTS,
        text("办理更正", "To correct"),
        "PIPL 46",
        text("注销账号为止", "Until the account is closed"),
        "pseudonymised",
    ),
    Kept(
        "privacy_closure", RIGHTS, text("证明已注销", "To prove the closure"), "PIPL 47", THREE_YEARS, "pseudonymised"
    ),
    Kept(
        "privacy_deletion",
        RIGHTS,
        text("恢复备份后再次删除", "To delete again after a restore"),
        "PIPL 47, 51",
        text("与备份同期", "As long as backups"),
        "pseudonymised",
    ),
)


async def about(person: Citizen) -> list[Chapter]:
    consents = [
        {
            "purpose": c.purpose,
            "given": c.given,
            "version": c.version,
            "channel": c.channel,
            "at": str(clock.city_time(c.at)),
        }
        for c in await Consent.filter(citizen=person.id).order_by("id")
    ]
    asked: list[dict[str, object]] = []
    for request in await CorrectionRequest.filter(citizen=person.id).order_by("asked_at"):
        words = opened(request)
        asked.append(
            {
                "kind": "correction",
                "field": request.field,
                "wanted": words.wanted,
                "why": words.why,
                "reason": words.reason,
                "state": request.state,
                "at": str(clock.city_time(request.asked_at)),
            }
        )
    for model, kind in ((Export, "export"), (Closure, "closure")):
        rows = await model.filter(citizen=person.id).order_by("asked_at").values_list("state", "asked_at")
        asked += [{"kind": kind, "state": state, "at": str(clock.city_time(at))} for state, at in rows]
    asked += [
        {"kind": "deletion", "what": d.kind, "at": str(clock.city_time(d.at))}
        for d in await Deletion.filter(citizen=person.id).order_by("at")
    ]
    return [Chapter("consents", CONSENTS, consents), Chapter("requests", RIGHTS, asked)]


async def forget(person: Citizen) -> list[str]:
    exports = await Export.filter(citizen=person.id).values_list("id", flat=True)
    await Export.filter(citizen=person.id).update(state=ExportState.ENDED, ticket_digest=None, ticket_ends_at=None)
    asked = CorrectionRequest.filter(citizen=person.id)
    await asked.filter(state=CorrectionState.ASKED).update(state=CorrectionState.WITHDRAWN, decided_at=clock.now())
    await asked.update(wanted_sealed=None, why_sealed=None, reason_sealed=None, papers=[])
    await Consent.filter(citizen=person.id).update(scope={})
    return [f"exports/{id_}" for id_ in exports]


async def subjects(person: Citizen) -> list[str]:
    ids = await CorrectionRequest.filter(citizen=person.id).values_list("id", flat=True)
    return [f"correction:{id_}" for id_ in ids]


CONTRIBUTOR = Contributor("auth.privacy", KEPT, about, forget, subjects=subjects)
