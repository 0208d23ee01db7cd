"""What operators and programmers ask the program about itself: health, metrics, and its own description."""

from functools import cache
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from pydantic import ConfigDict
from starlette.responses import HTMLResponse, JSONResponse, Response

from chat import rounds
from kit import anchors, db, openapi, storage
from kit.config import current
from kit.edge import is_near
from kit.errors import NotFound
from kit.web import Call, View, get
from mobileapi.settings import OfficeSettings


class Health(View):
    status: str
    checks: dict[str, str]


class Described(View):
    """A document of its own kind; the names it has at its top."""

    model_config = ConfigDict(extra="allow")


async def live(_: Call) -> Health:
    """The process answers; nothing else is asked."""
    return Health(status="alive", checks={})


async def ready(_: Call) -> Response:
    """
    200 when every part we need answers, else 503 with the names of those that do not. `rounds` is told and no reason
    to turn people away: when no worker goes them, a server stands in (chat/rounds.py).
    """
    checks = {"database": await db.answers(), "storage": await storage.answers()}
    fine = all(checks.values())
    told = {k: "ok" if v else "out of reach" for k, v in checks.items()}
    told["rounds"] = "ok" if rounds.somebody_goes() else "no worker"
    body = Health(status="ready" if fine else "not_ready", checks=told)
    return JSONResponse(body.model_dump(), status_code=200 if fine else 503)


async def metrics(call: Call) -> Response:
    """Prometheus text, for the local network only."""
    if not is_near(call.request.scope):
        raise NotFound
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)


@cache
def description(server: str) -> dict[str, Any]:
    """The whole API as OpenAPI; its routes do not change while the process lives, and anybody may ask."""
    from mobileapi.app import API, endpoints, outside_endpoints

    return openapi.describe(endpoints(), outside_endpoints(), prefix=API, server=server)


async def openapi_json(_: Call) -> Response:
    return JSONResponse(description(current(OfficeSettings).public_url))


async def asyncapi_json(_: Call) -> Response:
    from chat.asyncapi import asyncapi

    return JSONResponse(asyncapi(current(OfficeSettings).public_url))


async def docs(_: Call) -> Response:
    """The API as one page that needs nothing from elsewhere."""
    return HTMLResponse(openapi.page(description("")))


async def docs_css(_: Call) -> Response:
    return Response(openapi.CSS, media_type="text/css")


CHORES = (anchors.anchor_the_chain,)  # the plumbing's own, known wherever the office is put together

OUTSIDE = [
    get("/health/live", live, cost=0, public=True),
    get("/health/ready", ready, cost=0, public=True, answers=(Health,)),
    get("/metrics", metrics, cost=0, public=True, media="text/plain"),
    get("/openapi.json", openapi_json, public=True, answers=(Described,)),
    get("/asyncapi.json", asyncapi_json, public=True, answers=(Described,)),
    get("/docs", docs, public=True, media="text/html"),
    get("/docs.css", docs_css, public=True, media="text/css"),
]
