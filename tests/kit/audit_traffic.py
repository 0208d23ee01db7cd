"""A worker that acts until it is killed, an act and its audit row in one transaction: `… audit_traffic ACTS_A_SECOND`."""

import asyncio
import sys
import time
from uuid import uuid4

from kit import audit, db
from mobileapi.settings import load, tables


async def work(a_second: int) -> None:
    config = tables(load().database_url or "", pool=4)
    config["connections"]["default"]["credentials"]["server_settings"] = {"application_name": "doomed"}  # type: ignore[index]
    await db.open_database(config)
    begun, done = time.monotonic(), 0
    while True:
        subject = f"act:{uuid4()}"
        async with db.transaction():
            await db.execute("INSERT INTO act_done (id) VALUES ($1)", subject)
            await audit.record(actor="system", action="act.done", subject=subject)
        done += 1
        if done % 50 == 0:
            print(done, flush=True)
        await asyncio.sleep(max(0.0, begun + done / a_second - time.monotonic()))


if __name__ == "__main__":
    asyncio.run(work(int(sys.argv[1])))
