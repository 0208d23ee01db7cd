"""
Deletions that were carried out, written down where a restored database finds them.

A row says what is deleted, in the transaction that deletes; then the stored files go, and the deletion is put into the
store as `deletions/…`. After a restore `handheld migrate` carries out every one the database does not know.
"""

import json
from datetime import datetime
from uuid import UUID

from auth.models import Citizen
from auth.privacy import contributors
from auth.privacy.models import Deletion
from kit import audit, clock, db, storage
from kit.ids import new_id
from kit.log import logger

log = logger("privacy")
FOLDER = "deletions"


async def note(
    citizen: UUID, *, kind: str, files: list[str], id_: UUID | None = None, at: datetime | None = None
) -> Deletion:
    """In the transaction of the deletion itself."""
    assert db.transaction_is_open()
    return await Deletion.create(
        id=id_ or new_id(), citizen=citizen, kind=kind, at=at or clock.now(), files=sorted(set(files))
    )


async def finish_all() -> int:
    """Removes the files of deletions that are committed, and writes each down in the store; how many."""
    waiting = await Deletion.filter(finished_at=None).order_by("at")
    for deletion in waiting:
        for name in deletion.files:
            await storage.delete(name)
        told = {"citizen": str(deletion.citizen), "kind": deletion.kind, "at": deletion.at.isoformat()}
        await storage.put(_name(deletion.id, deletion.at), json.dumps(told).encode())
        await Deletion.filter(id=deletion.id).update(finished_at=clock.now(), files=[])
    return len(waiting)


def _name(id_: UUID, at: datetime) -> str:
    return f"{FOLDER}/{at:%Y%m%dt%H%M%S}-{id_}"


async def unknown() -> list[str]:
    """Deletions of the store that this database has not seen: it was restored from before them."""
    names = await storage.names(FOLDER)
    known = {str(id_) for id_ in await Deletion.all().values_list("id", flat=True)}
    return [name for name in names if _id_of(name) not in known]


def _id_of(name: str) -> str:
    return name[-36:]


async def replay() -> int:
    """Carries out again what a restore has undone; how many. Safe to repeat."""
    done = 0
    for name in await unknown():
        told = json.loads(await storage.get(name))
        async with db.transaction():
            files = await _again(UUID(told["citizen"]), told["kind"])
            at = datetime.fromisoformat(told["at"])
            await note(UUID(told["citizen"]), kind=told["kind"], files=files, id_=UUID(_id_of(name)), at=at)
            await audit.record(
                actor="system", action="deletion.replayed", subject=f"citizen:{told['citizen']}", kind=told["kind"]
            )
        done += 1
    await finish_all()
    if done:
        log.info("deletions_replayed", count=done)
    return done


async def _again(citizen: UUID, kind: str) -> list[str]:
    if kind.startswith("consent:"):
        return await contributors.forget_purpose(citizen, kind.removeprefix("consent:"))
    person = await Citizen.select_for_update().get_or_none(id=citizen)
    return await contributors.forget(person) if person is not None else []
