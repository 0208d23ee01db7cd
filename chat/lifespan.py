"""Consultation's own services, open as long as the program is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chat import backplane, conduct, jobs, pulse, rounds, stirs
from chat.hub import Hub, Probe
from kit.config import Settings, current

assert jobs, "imported so that the worker knows the jobs"

_running: list[Hub] = []


@asynccontextmanager
async def running(*, serving: bool) -> AsyncIterator[None]:
    """The worker only needs the backplane, to wake the servers; a server runs the hub of its sockets."""
    url = current(Settings).database_url
    assert url, "the database is known before rooms open"
    chosen = backplane.chosen(url)
    backplane.install(chosen)
    if not serving:
        yield
        return
    async with open_hub(url, chosen), rounds.watched():
        yield


@asynccontextmanager
async def open_hub(url: str, plane: backplane.Backplane, *, probe: Probe | None = None) -> AsyncIterator[Hub]:
    """A hub, listening to the others, with its pulse beating."""
    hub = Hub(url, plane, probe=probe)
    hub.on_absent = conduct.answer_what_waits
    async with (
        hub.running(),
        plane.listening(lambda hint: stirs.heard(hub, hint), reconnected=lambda: stirs.resync(hub)),
        pulse.beating(hub),
    ):
        _running.append(hub)
        try:
            yield hub
        finally:
            await hub.drain()
            _running.remove(hub)


def current_hub() -> Hub:
    return _running[-1]


async def drain() -> None:
    """
    Sends all sockets away with goodbye and 1012. The command that serves calls it when told to stop, before the server
    closes its connections by itself; the end of the lifespan does it for whoever is left.
    """
    for hub in _running:
        await hub.drain()
