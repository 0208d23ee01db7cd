"""What transcripts keep of a person: with the account the documents go; that one was made, and its digest, stay."""

from auth.models import Citizen
from auth.privacy.contributors import Chapter, Contributor, Kept
from kit import clock, db
from kit.texts import text
from mobileapi.transcripts.models import Transcript

TITLE = text("咨询记录文件", "Transcripts of consultations")
KEPT = (
    Kept(
        "transcripts_transcript",
        TITLE,
        text("供您和单位留存、核验", "To keep and to check"),
        "PIPL 13(1)(3), 34",
        text("文件至注销账号为止；摘要 3 年", "Documents until the account is closed; digests 3 years"),
        "pseudonymised",
    ),
)


async def about(person: Citizen) -> list[Chapter]:
    found = await Transcript.filter(citizen=person.id).order_by("made_at")
    records = [{"number": t.code, "title": t.title, "at": str(clock.city_time(t.made_at))} for t in found]
    return [Chapter("transcripts", TITLE, records)]


async def forget(person: Citizen) -> list[str]:
    rows = await db.fetch(
        "UPDATE transcripts_transcript SET emptied_at = coalesce(emptied_at, $2), file_sha256 = NULL, "
        "holder_masked = '' WHERE citizen = $1 RETURNING id", person.id, clock.now(),
    )  # fmt: skip
    return [f"transcripts/{row['id']}" for row in rows]


CONTRIBUTOR = Contributor("mobileapi.transcripts", KEPT, about, forget)
