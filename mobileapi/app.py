"""The application: settings in, one ASGI program out.

uvicorn --factory mobileapi.app:create_app
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount

from auth.callers import hold
from auth.tokens import authenticator
from chat.lifespan import drain
from kit import db, outbound
from kit.config import current
from kit.edge import Edge, as_house_error
from kit.log import configure
from kit.signposts import Signposts
from kit.web import Endpoint, install_authenticator, install_rights_keeper, refuse_twice_named
from mobileapi import faces, operations, wiring
from mobileapi.farewell import said_on_stop
from mobileapi.settings import OfficeSettings, load, tables

API = "/api/v1"

# The rooms of the office. Each has `routes.py` with ROUTES below /api/v1; some have OUTSIDE routes, SOCKETS, and a
# `lifespan.py` whose `running()` is open as long as the application is.
ROOMS = (
    "auth",
    "auth.sms",
    "auth.attestation",
    "auth.joining",
    "auth.acting",
    "auth.staffing",
    "auth.privacy",
    "auth.auditing",
    "mobileapi.catalogue",
    "mobileapi.materials",
    "mobileapi.applications",
    "mobileapi.certificates",
    "mobileapi.casefees",
    "mobileapi.consulting",
    "mobileapi.bookings",
    "mobileapi.hotline",
    "mobileapi.insight",
    "mobileapi.notify",
    "mobileapi.ratings",
    "mobileapi.transcripts",
    "mobileapi.answers",
    "mobileapi.replies",
    "chat",
    "chat.discretion",
    "payments",
    "payments.dues",
    "payments.desk",
    "payments.closing",
    "payments.refunds",
    "payments.counter",
    "payments.treasury",
    "payments.tracing",
)


def endpoints() -> list[Endpoint]:
    """Every endpoint below /api/v1."""
    found = [spec for room in (*ROOMS, *demo_rooms()) for spec in _of(room, "ROUTES")]
    refuse_twice_named(found)
    return found


def outside_endpoints() -> list[Endpoint]:
    """Endpoints at fixed, unversioned paths: channels' callbacks, public checks, keys, health."""
    found = [spec for room in (*ROOMS, *demo_rooms()) for spec in _of(room, "OUTSIDE")] + operations.OUTSIDE
    refuse_twice_named(found)
    return found


def demo_rooms() -> tuple[str, ...]:
    return ("mobileapi.demo",) if current(OfficeSettings).demo else ()


def _of(room: str, what: str) -> Any:
    return getattr(import_module(f"{room}.routes"), what, [])


def create_app() -> Starlette:
    """Reads the settings and builds the program. Raises BadConfiguration."""
    settings = load()
    configure(settings.log_level)
    install_authenticator(authenticator)
    install_rights_keeper(hold)
    below = [spec.route() for spec in endpoints()] + [s for room in ROOMS for s in _of(room, "SOCKETS")]
    routes: list[BaseRoute] = [Mount(API, app=Signposts(below))]  # first: most of what comes goes there
    routes += [spec.route() for spec in outside_endpoints()]
    routes += faces.routes()
    handlers: Any = {HTTPException: _as_house_error}  # Starlette's own 404 and 405, told in our words
    app = Starlette(routes=routes, middleware=[Middleware(Edge)], exception_handlers=handlers, lifespan=lifespan)
    app.router.redirect_slashes = False  # its redirects are built from the Host header
    return app


async def _as_house_error(_: Request, error: Exception) -> Response:
    raise as_house_error(error)


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    async with opened(current(OfficeSettings), serving=True), said_on_stop(drain):
        yield


@asynccontextmanager
async def opened(settings: OfficeSettings, *, serving: bool) -> AsyncIterator[None]:
    """Database, outside world and, when `serving`, every room's own services; closed in reverse."""
    assert settings.database_url, "the command that starts the office names the database"
    wiring.connect()
    async with AsyncExitStack() as stack:
        await db.open_database(tables(settings.database_url, pool=settings.database_pool))
        stack.push_async_callback(db.close_database)
        client = outbound.Outbound(settings.outside_urls())
        outbound.install(client)
        stack.push_async_callback(client.close)
        for room in ROOMS:
            running = _running(room)
            if running is not None:
                await stack.enter_async_context(running(serving=serving))
        yield


def _running(room: str) -> Any:
    """The room's `lifespan.running`, when it has one."""
    try:
        module = import_module(f"{room}.lifespan")
    except ModuleNotFoundError as error:
        if error.name != f"{room}.lifespan":
            raise
        return None
    return module.running
