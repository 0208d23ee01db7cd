"""Public answers hold nobody's data: with an account go its votes and the way back to its conversations."""

from auth.models import Citizen
from auth.privacy.contributors import Chapter, Contributor, Kept
from kit import db
from kit.texts import text
from mobileapi.answers.answers import voter_of

TITLE = text("公开问答", "Public answers")
GROUND = "PIPL 13(1)(3), 34, 73(4)"
KEPT = (
    Kept(
        "answers_answer",
        TITLE,
        text("去除个人信息后公开，供他人查阅", "Published without personal data, for others to read"),
        GROUND,
        text("下线为止；与咨询的关联保留至注销账号", "Until withdrawn; its way back to a consultation until closure"),
        "pseudonymised",
    ),
    Kept(
        "answers_vote",
        TITLE,
        text("统计是否有用，每人一次", "To count whether it helped, once a person"),
        GROUND,
        text("注销账号为止", "Until the account is closed"),
        "deleted",
    ),
)
MINE = "SELECT a.question, v.helpful FROM answers_vote v JOIN answers_answer a ON a.id = v.answer_id WHERE v.voter = $1"
DETACH = (
    "UPDATE answers_answer SET conversation = NULL WHERE conversation IN "
    "(SELECT id FROM chat_conversation WHERE citizen_id = $1)"
)


async def about(person: Citizen) -> list[Chapter]:
    rows = await db.fetch(MINE, voter_of(f"citizen:{person.id}"))
    return [Chapter("answers", TITLE, [{"text": row["question"], "rating": row["helpful"]} for row in rows])]


async def forget(person: Citizen) -> list[str]:
    await db.execute("DELETE FROM answers_vote WHERE voter = $1", voter_of(f"citizen:{person.id}"))
    await db.execute(DETACH, person.id)
    return []


CONTRIBUTOR = Contributor("mobileapi.answers", KEPT, about, forget)
