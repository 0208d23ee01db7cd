"""A newer guide was published: which replies rest on a paragraph that says something else by now."""

from uuid import UUID

from auth.models import StaffMember
from kit import db
from kit.texts import Text, text
from mobileapi.catalogue.events import GuidePublished
from mobileapi.catalogue.items import current_guide
from mobileapi.catalogue.quoting import found_again
from mobileapi.notify.desks import tell_staff
from mobileapi.replies import replies
from mobileapi.replies.models import Reply, Revision


async def look_again(event: GuidePublished) -> None:
    """Every reply of the item that quotes its guide; its author and the department's supervisors are told."""
    version, guide = await current_guide(event.item)
    async with db.transaction():
        resting = await Reply.filter(
            item_code=event.item, withdrawn_at=None, cite_version__lt=version
        ).select_for_update().order_by("id")  # fmt: skip
        for reply in resting:
            assert reply.cite_at is not None, "what has a version has a place"
            paragraph = found_again(guide, reply.cite_at, digest=reply.cite_digest or "")
            if await replies.rest_on(reply, version, paragraph):
                await _tell(reply, version)


async def _tell(reply: Reply, version: int) -> None:
    title = Text.model_validate(reply.title)
    words = text(
        f"快捷回复“{title.zh}”所依据的指南已更新到第 {version} 版，请确认或修改。",
        f"The guide behind the reply “{title.en or title.zh}” is now version {version}; please confirm or change it.",
    )
    for person in await _keepers(reply):
        await tell_staff(
            person, kind="reply.stale", text=words, link="/console/#/replies?show=stale",
            once=f"reply:{reply.id}:{version}", reply=reply.id,
        )  # fmt: skip


async def _keepers(reply: Reply) -> list[UUID]:
    """Who wrote what is in force, and who supervises the department."""
    live = await Revision.get_or_none(reply_id=reply.id, number=reply.live)
    found: dict[UUID, None] = {}
    if live is not None and live.author is not None:
        found[live.author] = None
    if reply.department_code:
        rows = await StaffMember.filter(department_id=reply.department_code, disabled_at=None)
        found |= {person.id: None for person in rows if "supervisor" in person.roles}
    return list(found)
