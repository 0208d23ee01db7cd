"""Cards of certificates: only whose they are may show them; the file itself stays where it is."""

from collections.abc import Sequence

from chat.cards import Asked
from kit.errors import NotFound
from kit.texts import Text, text
from kit.web import Actor
from mobileapi.certificates.access import own_certificate
from mobileapi.certificates.models import Certificate
from mobileapi.consulting.faces import Face, Maker, ids_of

WORDS: dict[str, Text] = {"valid": text("有效", "Valid"), "expired": text("已过期", "Expired")}


async def certificates(asked: Sequence[Asked]) -> list[Face | None]:
    wanted = ids_of([one.ref for one in asked])
    faces = {
        wanted[one.id]: Face(
            Text.model_validate(one.title), state=one.status, state_text=WORDS[one.status], number=one.number,
            due_on=one.valid_until, done=one.status != "valid",
        )
        for one in await Certificate.filter(id__in=list(wanted))
    }  # fmt: skip
    return [faces.get(one.ref) if one.at is None else None for one in asked]


async def open_to(citizen: Actor, refs: Sequence[str]) -> set[str]:
    theirs = set()
    for id_, ref in ids_of(refs).items():
        try:
            await own_certificate(citizen, id_)
        except NotFound:
            continue
        theirs.add(ref)
    return theirs


async def shown_by(_: Actor, __: str) -> None:
    """No desk takes a certificate out of a citizen's file to show it."""
    raise NotFound


CERTIFICATE = Maker(certificates, open_to, shown_by)
