"""
One of the assigning processes: told the time, it runs the jobs that are due, and the rounds of the clock.

`python -m tests.chat.simulation.process URL FOLDER`; a line of standard input is {"at": …, "watch": …}, answered by a
line when everything of that moment is done.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

from chat import backplane, jobs
from kit import clock, config, db
from kit.crypto import with_demo_keys
from mobileapi.settings import OfficeSettings, tables
from tests.chat.simulation.town import know_the_town

ENTRIES: dict[str, Callable[..., Awaitable[None]]] = {
    "chat.jobs.serve_queue": jobs.serve_queue,
    "chat.jobs.end_offer": jobs.end_offer,
}
TAKE = """
DELETE FROM procrastinate_jobs WHERE id IN (SELECT id FROM procrastinate_jobs WHERE status = 'todo'
  AND task_name = ANY ($2) AND (scheduled_at IS NULL OR scheduled_at <= $1) ORDER BY id LIMIT 20 FOR UPDATE SKIP LOCKED)
RETURNING task_name, args
"""


def settle(folder: Path) -> OfficeSettings:
    made = OfficeSettings(_env_file=None, data_dir=folder, env="demo", chat_outside_hours=False, chat_answer_s=90)
    made = with_demo_keys(made)
    config.install(made)
    return made


async def run_due() -> None:
    while rows := await db.fetch(TAKE, clock.now(), list(ENTRIES)):
        for row in rows:
            await ENTRIES[row["task_name"]](**json.loads(row["args"]))


async def serve(url: str, folder: Path) -> None:
    settle(folder)
    await db.open_database(tables(url))
    backplane.install(backplane.PostgresBackplane(url))
    await know_the_town()
    loop = asyncio.get_running_loop()
    with clock.stopped():
        print("ready", flush=True)
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            told = json.loads(line)
            clock.move(datetime.fromisoformat(told["at"]) - clock.now())
            await run_due()
            if told["queue"]:
                await jobs.look_at_queue()
            if told["watch"]:
                await jobs.watch()
            print("done", flush=True)
    await db.close_database()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], Path(sys.argv[2])))
