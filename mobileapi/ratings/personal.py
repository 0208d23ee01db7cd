"""What ratings keep of a person: told, and forgotten. Levels stay, for they are counted; words go."""

from auth.models import Citizen
from auth.privacy.contributors import AtClosure, Chapter, Contributor, Kept, Matter
from kit import clock, db
from kit.texts import text
from mobileapi.ratings.levels import words_of
from mobileapi.ratings.models import CaseRating, Rectification

GROUND = "PIPL 13(1)(3), 34"
RATINGS = text("评价与整改", "Ratings and what became of them")
WHY = text("改进服务、答复差评", "To improve the service and answer bad ratings")
KEPT_FOR = text("文字保留至注销账号；等级 3 年", "Words until the account is closed; levels 3 years")


def _kept(table: str, at_closure: AtClosure) -> Kept:
    return Kept(table, RATINGS, WHY, GROUND, KEPT_FOR, at_closure)


KEPT = (
    _kept("ratings_case_rating", "pseudonymised"),
    _kept("ratings_rectification", "pseudonymised"),
    _kept("ratings_contact", "pseudonymised"),
    _kept("ratings_change", "pseudonymised"),
)


async def about(person: Citizen) -> list[Chapter]:
    rated = [
        {
            "case": str(r.application), "rating": r.level, "reason": [w.zh for w in words_of(r.reasons)],
            "text": r.comment, "at": str(clock.city_time(r.at)),
        }
        for r in await CaseRating.filter(citizen=person.id).order_by("at")
    ]  # fmt: skip
    results = [
        {
            "kind": r.kind, "state": r.state, "at": str(clock.city_time(r.opened_at)), "text": r.measures,
            "rating": r.result_level, "reason": r.result_comment,
        }
        for r in await Rectification.filter(citizen=person.id).order_by("opened_at")
    ]  # fmt: skip
    return [Chapter("ratings", RATINGS, [*rated, *results])]


async def matters(person: Citizen) -> list[Matter]:
    running = Rectification.filter(citizen=person.id, state__in=["open", "answered", "contested"])
    title = text("整改中的差评：结果将不再告知", "Bad ratings being put right: you will not be told the result")
    return [Matter("rectifications", title, blocks=False, count=await running.count())]


ITS = "rectification_id IN (SELECT id FROM ratings_rectification WHERE citizen = $1)"
FORGET = (
    "UPDATE ratings_case_rating SET comment = '' WHERE citizen = $1",
    f"UPDATE ratings_contact SET note = '' WHERE {ITS}",  # noqa: S608 - our own text
    f"UPDATE ratings_change SET note = '' WHERE {ITS}",  # noqa: S608
    "UPDATE ratings_rectification SET measures = '', result_comment = '', contest_reason = '' WHERE citizen = $1",
)


async def forget(person: Citizen) -> list[str]:
    for change in FORGET:
        await db.execute(change, person.id)
    return []


async def subjects(person: Citizen) -> list[str]:
    ids = await Rectification.filter(citizen=person.id).values_list("id", flat=True)
    return [f"rectification:{id_}" for id_ in ids]


CONTRIBUTOR = Contributor("mobileapi.ratings", KEPT, about, forget, matters=matters, subjects=subjects)
