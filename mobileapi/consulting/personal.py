"""What is kept of what came out of conversations: which things, when and through whom; the words a clerk typed go."""

from auth.models import Citizen
from auth.privacy.contributors import Chapter, Contributor, Kept
from kit import clock, db
from kit.texts import text

TITLE = text("由咨询办理的事项", "What was made out of consultations")
KEPT = (
    Kept(
        "consulting_outcome",
        TITLE,
        text("由咨询直接办理，并留存办理痕迹", "To act on what you ask, and to keep a trace of it"),
        "PIPL 13(1)(3), 34",
        text("办理痕迹 3 年", "Traces: 3 years"),
        "pseudonymised",
    ),
    Kept(
        "consulting_told",
        TITLE,
        text("同一进展只在咨询中告知一次", "To tell you each thing once"),
        "PIPL 13(1)(3), 34",
        text("注销账号为止", "Until the account is closed"),
        "deleted",
    ),
)
MADE = """
SELECT o.kind, o.ref, o.state, o.made_at FROM consulting_outcome o JOIN chat_conversation c ON c.id = o.conversation
WHERE c.citizen_id = $1 ORDER BY o.made_at
"""
EMPTYING = (
    """
    UPDATE consulting_outcome SET wish = wish - 'title' - 'explanation', why = ''
    WHERE conversation IN (SELECT id FROM chat_conversation WHERE citizen_id = $1)
    """,
    "DELETE FROM consulting_told WHERE conversation IN (SELECT id FROM chat_conversation WHERE citizen_id = $1)",
)


async def about(person: Citizen) -> list[Chapter]:
    records = [
        {"kind": r["kind"], "thing": str(r["ref"] or ""), "state": r["state"], "at": str(clock.city_time(r["made_at"]))}
        for r in await db.fetch(MADE, person.id)
    ]
    return [Chapter("consulting", TITLE, records)]


async def forget(person: Citizen) -> list[str]:
    for change in EMPTYING:
        await db.execute(change, person.id)
    return []


CONTRIBUTOR = Contributor("mobileapi.consulting", KEPT, about, forget)
