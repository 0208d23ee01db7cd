"""What binding, moving a number and merging accounts keep of a person."""

from tortoise.expressions import Q

from auth.joining.models import Merge, MergeCode, PhoneMove
from auth.models import Citizen
from auth.privacy.contributors import Chapter, Contributor, Kept
from kit import clock, db
from kit.texts import text

JOINED = text("换号与合并记录", "Moved numbers and merged accounts")
WHY = text("防止账号被冒用，便于撤销", "To keep accounts from being taken, and to undo it")
GROUND = "PIPL 13(1)(3), 51"
UNTIL_CLOSED = text("注销账号为止", "Until the account is closed")
THREE_YEARS = text("3 年", "3 years")

KEPT = (
    Kept("joining_session_way", JOINED, WHY, GROUND, UNTIL_CLOSED, "deleted"),
    Kept("joining_phone_move", JOINED, WHY, GROUND, UNTIL_CLOSED, "deleted"),
    Kept("joining_merge_code", JOINED, WHY, GROUND, UNTIL_CLOSED, "deleted"),
    Kept("joining_merge", JOINED, WHY, GROUND, THREE_YEARS, "pseudonymised"),
    Kept("joining_merged_thing", JOINED, WHY, GROUND, THREE_YEARS, "pseudonymised"),
)


async def about(person: Citizen) -> list[Chapter]:
    moves = await PhoneMove.filter(Q(holder=person.id) | Q(taker=person.id)).order_by("created_at")
    records = [
        {
            "kind": "number_taken" if m.taker == person.id else "number_asked_for",
            "state": m.state,
            "at": _at(m.created_at),
        }
        for m in moves
    ]
    merges = await Merge.filter(Q(kept=person.id) | Q(merged=person.id)).order_by("at")
    records += [{"kind": "merged", "state": m.proof, "at": _at(m.at)} for m in merges]
    return [Chapter("joined", JOINED, records)]


def _at(instant: object) -> str:
    return str(clock.city_time(instant))  # type: ignore[arg-type]  # a datetime column


async def forget(person: Citizen) -> list[str]:
    """Before the sessions go: a way is found by its session."""
    sessions = "SELECT id FROM auth_session WHERE kind = 'citizen' AND person = $1"
    await db.execute(f"DELETE FROM joining_session_way WHERE session IN ({sessions})", person.id)  # noqa: S608 - our own text
    await PhoneMove.filter(Q(holder=person.id) | Q(taker=person.id)).delete()
    await MergeCode.filter(citizen=person.id).delete()
    return []


CONTRIBUTOR = Contributor("auth.joining", KEPT, about, forget)
