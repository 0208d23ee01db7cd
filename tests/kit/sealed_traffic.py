"""A worker that reads and writes sealed rows as fast as it may, until its input ends: `python -m tests.kit.sealed_traffic`."""

import asyncio
import json
import random
import sys
import threading
from uuid import UUID

from auth.citizens import open_id_number, open_name, open_phone, seal_phone
from auth.models import Citizen
from kit import db
from kit.crypto import CannotUnseal
from mobileapi.settings import load, tables


async def work(stop: threading.Event) -> dict[str, int]:
    told = {"read": 0, "written": 0, "failed": 0}
    await db.open_database(tables(load().database_url or "", pool=4))
    rows = await db.fetch("SELECT id FROM auth_citizen")
    ids: list[UUID] = [row["id"] for row in rows]
    print("ready", flush=True)
    while not stop.is_set():
        try:
            await _turn(random.choice(ids), told)
        except CannotUnseal:
            told["failed"] += 1
    await db.close_database()
    return told


async def _turn(person: UUID, told: dict[str, int]) -> None:
    found = await Citizen.get(id=person)
    phone = open_phone(found)
    assert phone is not None
    assert open_name(found) == f"金丝雀{phone}", "what is read is what was written"
    open_id_number(found)
    told["read"] += 1
    if random.random() < 0.2:
        async with db.transaction():
            locked = await Citizen.select_for_update().get(id=person)
            seal_phone(locked, phone)
            await locked.save(update_fields=["phone_sealed", "phone_index"])
        told["written"] += 1


def main() -> None:
    stop = threading.Event()

    def listen() -> None:
        sys.stdin.read()
        stop.set()

    threading.Thread(target=listen, daemon=True).start()
    print(json.dumps(asyncio.run(work(stop))), flush=True)


if __name__ == "__main__":
    main()
