"""
Jobs are rows: deferred in the transaction they belong to, so they exist exactly if it commits.

`@job()` registers an entry point of a package's `jobs.py`; `await defer(send_receipt, receipt=str(id))` writes the row
over the open connection; the worker (procrastinate) runs it at least once, so entry points are idempotent.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar

import procrastinate
import structlog
from procrastinate import RetryStrategy

from kit import clock, db
from kit.log import logger

log = logger("jobs")
Entry = Callable[..., Awaitable[None]]
E = TypeVar("E", bound=Entry)

_entries: dict[str, tuple[Entry, dict[str, Any]]] = {}
_schedules: list[tuple[str, str]] = []

DEFER = (
    "SELECT procrastinate_defer_jobs_v1(array[row($1::varchar, $2::varchar, $3::integer, $4::text, $5::text, "
    "$6::jsonb, $7::timestamptz)::procrastinate_job_to_defer_v1])"
)


def job(*, queue: str = "default", attempts: int = 8, every: str | None = None) -> Callable[[E], E]:
    """
    Registers an entry point. `every`: a cron line (UTC); such a job takes no arguments.

    A failing run is tried again after 4, 16, 64 … seconds, `attempts` times, then it stays as failed and is logged.
    """

    def register(entry: E) -> E:
        name = f"{entry.__module__}.{entry.__qualname__}"
        retry = RetryStrategy(max_attempts=attempts, exponential_wait=4)
        _entries[name] = (entry, {"queue": queue, "retry": retry})
        if every:
            _schedules.append((name, every))
        return entry

    return register


async def defer(
    entry: Entry, *, at: datetime | None = None, lock: str | None = None, once: str | None = None, **arguments: Any
) -> None:
    """
    Writes the job into the open transaction (or its own). Arguments are JSON values.

    `lock`: jobs with the same lock run one after the other. `once`: at most one waiting job of this name.
    """
    name = f"{entry.__module__}.{entry.__qualname__}"
    options = _entries[name][1]
    async with db.transaction():
        if once is not None:
            await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 7))", once)
            waiting = "SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = $1 AND status = 'todo'"
            if await db.fetch_value(waiting, once):
                return
        await db.execute(DEFER, options["queue"], name, 0, lock, once, json.dumps(arguments), at)


def worker_app(database_url: str) -> procrastinate.App:
    """Procrastinate over the registered entry points, with its own psycopg pool."""
    connector = procrastinate.PsycopgConnector(conninfo=db.libpq_dsn(database_url), min_size=1, max_size=4)
    app = procrastinate.App(connector=connector)
    for name, (entry, options) in _entries.items():
        app.task(name=name, **options)(_logged(name, entry))  # type: ignore[no-untyped-call]
    for name, cron in _schedules:
        app.periodic(cron=cron, periodic_id=name)(app.tasks[name])
    return app


def _logged(name: str, entry: Entry) -> Callable[..., Awaitable[None]]:
    async def run(timestamp: int | None = None, **arguments: Any) -> None:  # periodic jobs are given their timestamp
        with structlog.contextvars.bound_contextvars(job=name):
            try:
                await entry(**arguments)
            except Exception:
                log.exception("job_failed", timestamp=timestamp)
                raise

    run.__name__, run.__qualname__, run.__module__ = entry.__name__, entry.__qualname__, entry.__module__
    return run


async def work(app: procrastinate.App, *, stop: asyncio.Event | None = None) -> None:
    """Runs jobs until cancelled, or until `stop` is set. What succeeded is not kept; what failed stays visible."""
    async with app.open_async():
        async with asyncio.TaskGroup() as group:
            worker = group.create_task(
                app.run_worker_async(
                    concurrency=8,
                    install_signal_handlers=False,
                    fetch_job_polling_interval=2.0,
                    delete_jobs="successful",
                )
            )
            if stop is not None:
                await stop.wait()
                worker.cancel()


async def drain(app: procrastinate.App) -> None:
    """Runs everything that is due by our clock, until nothing is; for tests and drills."""
    while True:
        due = clock.now()
        await db.execute(
            "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo' AND scheduled_at <= $1", due
        )
        ready = (
            "SELECT 1 FROM procrastinate_jobs WHERE status = 'todo' AND COALESCE(scheduled_at <= now(), true) LIMIT 1"
        )
        if not await db.fetch_value(ready):
            return
        await app.run_worker_async(wait=False, concurrency=1, install_signal_handlers=False, listen_notify=False)
