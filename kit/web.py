"""
Typed endpoints: a route is a method, a path, the roles that may call it, how far each of them reaches, and a handler
whose annotations say the rest.

    ROUTES = [
        get("/bills", list_bills, roles={"citizen"}, reach="own"),
        post("/orders", open_order, roles={"citizen"}, reach="own", status=201, idempotent=True),
        get("/desk/inbox", read_inbox, roles=DESK, reach={"clerk": "desk", "supervisor": "department"}),
        get("/catalogue/items", list_items, public=True),
        get("/bills/lookup", look_up_bill, public=True, reach="holder"),
    ]

    async def open_order(call: Call, body: OpenOrder) -> OrderView: ...

A handler takes the call, and `body` and `query` when it declares them (pydantic models); it returns a pydantic model, a
Starlette response, or None (204). It is given the actor as `call.actor`, never reads a header for it.
"""

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Literal, get_args, get_type_hints
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope

from kit import db, idempotency, limits, strictjson
from kit.edge import client_address
from kit.errors import (
    FieldError,
    Forbidden,
    HouseError,
    InvalidRequest,
    NotFound,
    NotSignedIn,
    TooLarge,
    Unreadable,
    UnsupportedMedia,
)
from kit.reach import Reach, reach_by_role
from kit.texts import language_of, text
from kit.validation import validated

JSON = "application/json"
JSON_CAP = 256 * 1024
Handler = Callable[..., Awaitable[Any]]


@dataclass(frozen=True)
class Actor:
    """
    Who asks. `kind` is citizen or staff; `session` the token family, `claims` what the token carried. `held_back` is
    what everything answers that is not marked `held_back_too`: there is something this person must do first.
    """

    id: UUID
    kind: str
    roles: frozenset[str]
    session: str = ""
    claims: dict[str, Any] = field(default_factory=dict, hash=False, compare=False)
    held_back: type[HouseError] | None = None

    @property
    def name(self) -> str:
        """For the audit log: `citizen:UUID`."""
        return f"{self.kind}:{self.id}"


Authenticator = Callable[[str], Awaitable[Actor]]
_authenticators: list[Authenticator] = []


def install_authenticator(authenticator: Authenticator) -> None:
    """`authenticator(token)` answers the actor or raises NotSignedIn."""
    _authenticators[:] = [authenticator]


async def authenticate(token: str, *, held_back_too: bool = False) -> Actor:
    """Who holds the token. Raises NotSignedIn; and what holds the person back, unless the caller takes them too."""
    actor = await _authenticators[0](token)
    if actor.held_back is not None and not held_back_too:
        raise actor.held_back
    return actor


RightsKeeper = Callable[[Actor, frozenset[str]], Awaitable[None]]
_keepers: list[RightsKeeper] = []


def install_rights_keeper(keeper: RightsKeeper) -> None:
    """`keeper(actor, roles)` holds one of `roles` for the actor until the open transaction ends, or refuses."""
    _keepers[:] = [keeper]


@dataclass
class Call:
    """One request on its way through a handler."""

    request: Request
    _actor: Actor | None

    @property
    def actor(self) -> Actor:
        assert self._actor is not None, "a public route has no actor; use maybe_actor"
        return self._actor

    @property
    def maybe_actor(self) -> Actor | None:
        return self._actor

    async def sign_in_needed(self, *, roles: frozenset[str]) -> Actor:
        """Who asks, where a public route needs it for some of its bodies. Raises NotSignedIn, Forbidden."""
        return await _allowed(self.request, roles)

    @property
    def language(self) -> str:
        return language_of(self.request.headers.get("accept-language"))

    def path(self, name: str) -> str:
        """A path parameter. One with U+0000, which PostgreSQL cannot hold, names nothing: NotFound."""
        value = str(self.request.path_params[name])
        if "\0" in value:
            raise NotFound
        return value

    def path_id(self, name: str) -> UUID:
        """A path parameter that is an id. What is no id cannot exist: NotFound."""
        try:
            return UUID(self.path(name))
        except ValueError:
            raise NotFound from None


class Shape(BaseModel):
    """Base of request bodies: unknown fields are refused, so nobody believes they were obeyed."""

    model_config = ConfigDict(extra="forbid", strict=False, str_strip_whitespace=True, allow_inf_nan=False)


class View(BaseModel):
    """Base of answers."""

    model_config = ConfigDict(from_attributes=True)


class PageQuery(Shape):
    limit: int = Field(20, ge=1, le=100)
    cursor: str | None = Field(None, max_length=200)


@dataclass(frozen=True)
class Endpoint:
    """One route: what it takes, who may call it, whose things it reaches (kit/reach.py), what it answers."""

    method: str
    path: str
    handler: Handler
    roles: frozenset[str]
    reach: Mapping[str, Reach] = field(hash=False)  # role → word; `anyone` on a public route
    public: bool = False
    held_back_too: bool = False  # open to who must do something first, whatever their roles
    status: int = 200
    cost: int = 1  # units of the caller's budgets (kit/limits.py); dearer where it is dear to us, 0 where none is drawn
    a_minute: int = 0  # calls of one person, or of one address without sign-in; 0: the budgets alone
    idempotent: bool | Literal["when sent"] = False  # True: Idempotency-Key is required
    body_cap: int = JSON_CAP
    answers: tuple[type[BaseModel], ...] = ()  # one of these shapes
    media: str = JSON  # of the answer
    file: str = ""  # the one file part of a multipart body
    headers: tuple[str, ...] = ()  # request headers the handler reads
    examples: Mapping[str, str] = field(default_factory=dict, hash=False)  # path parameter → one that may exist
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None

    def route(self, prefix: str = "") -> Route:
        return Route(prefix + self.path, _Runner(self), methods=[self.method], name=self.name)

    @property
    def name(self) -> str:
        return f"{self.handler.__module__}.{self.handler.__name__}"


def endpoint(
    method: str,
    path: str,
    handler: Handler,
    *,
    roles: Iterable[str] = (),
    reach: Reach | Mapping[str, Reach] | None = None,
    public: bool = False,
    **more: Any,
) -> Endpoint:
    """
    Reads the handler's annotations once. A route names its roles or is marked public, never both, and says how far
    each role reaches: one word for all of them, or a word for each (AssertionError otherwise).
    """
    named = frozenset(roles)
    assert bool(named) != public, f"{method} {path} must name its roles or be marked public"
    reached = reach_by_role(named, reach, public=public, where=f"{method} {path}")
    hints = get_type_hints(handler)
    told = {"body": hints.get("body"), "query": hints.get("query"), "answers": _shapes_of(hints.get("return"))}
    return Endpoint(method, path, handler, named, reached, public, **{**told, **more})


def _shapes_of(hint: Any) -> tuple[type[BaseModel], ...]:
    """The models a handler may answer with; none where it builds a response itself."""
    parts = get_args(hint) or (hint,)
    return tuple(part for part in parts if inspect.isclass(part) and issubclass(part, BaseModel))


def get(path: str, handler: Handler, **more: Any) -> Endpoint:
    return endpoint("GET", path, handler, **more)


def post(path: str, handler: Handler, **more: Any) -> Endpoint:
    return endpoint("POST", path, handler, **more)


def patch(path: str, handler: Handler, **more: Any) -> Endpoint:
    return endpoint("PATCH", path, handler, **more)


def put(path: str, handler: Handler, **more: Any) -> Endpoint:
    return endpoint("PUT", path, handler, **more)


def delete(path: str, handler: Handler, **more: Any) -> Endpoint:
    return endpoint("DELETE", path, handler, **more)


class _Runner:
    """Parse, judge, call, answer. An ASGI app, so that Starlette adds nothing of its own around it."""

    def __init__(self, spec: Endpoint) -> None:
        self.spec = spec
        self.named = f"{spec.method} {spec.path}"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, _capped(receive, self.spec.body_cap, scope), send)
        response = await self._respond(request)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        actor = await self._admit(request)
        with self._rights_held(actor):
            return await self._answered(request, Call(request, actor))

    def _rights_held(self, actor: Actor | None) -> AbstractContextManager[None]:
        """What staff write is written under the role that let them in: lost in between, nothing is written."""
        spec = self.spec
        if actor is None or actor.kind != "staff" or spec.method == "GET" or spec.held_back_too or not _keepers:
            return nullcontext()
        return db.begin_transactions_with(lambda: _keepers[0](actor, spec.roles))

    async def _answered(self, request: Request, call: Call) -> Response:
        spec = self.spec
        given: dict[str, Any] = {}
        if spec.query is not None:
            given["query"] = validated(spec.query, _query(request), where="query")
        raw = b""
        if spec.body is not None:
            raw = await _json_bytes(request)
            given["body"] = validated(spec.body, strictjson.loads(raw), where="body")
        if not spec.idempotent or (spec.idempotent == "when sent" and not idempotency.is_asked(request)):
            return self._answer(await spec.handler(call, **given))
        key = idempotency.key_of(request)
        caller = call.maybe_actor.name if call.maybe_actor else "anyone"

        async def first_time() -> Response:
            return self._answer(await spec.handler(call, **given))

        return await idempotency.once(
            caller=caller,
            key=key,
            fingerprint=idempotency.fingerprint(request.method, request.url.path, raw),
            answer=first_time,
        )

    async def _admit(self, request: Request) -> Actor | None:
        """Who asks, once judged and within their budgets. Who is turned away at the door draws from the address."""
        source = client_address(request.scope)
        try:
            actor = await self._judge(request)
        except HouseError:
            await self._draw(source, None)
            raise
        await self._draw(source, actor)
        return actor

    async def _draw(self, source: str, actor: Actor | None) -> None:
        spec, person = self.spec, actor.name if actor else None
        draws = limits.request_draws(
            source=source, person=person, cost=spec.cost, route=self.named, a_minute=spec.a_minute
        )
        if draws:
            await limits.draw(draws, what=spec.path)

    async def _judge(self, request: Request) -> Actor | None:
        spec = self.spec
        return None if spec.public else await _allowed(request, spec.roles, held_back_too=spec.held_back_too)

    def _answer(self, result: Any) -> Response:
        if isinstance(result, Response):
            return result
        if result is None:
            return Response(status_code=204)
        assert isinstance(result, BaseModel), f"{self.spec.name} answered {type(result).__name__}"
        return Response(result.model_dump_json(by_alias=True), status_code=self.spec.status, media_type=JSON)


async def _allowed(request: Request, roles: frozenset[str], *, held_back_too: bool = False) -> Actor:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if not token or scheme.lower() != "bearer":
        raise NotSignedIn
    actor = await authenticate(token.strip(), held_back_too=held_back_too)
    if not actor.roles & roles and actor.held_back is None:
        raise Forbidden
    request.scope["actor"] = actor
    return actor


def _capped(receive: Receive, cap: int, scope: Scope) -> Receive:
    """Reading stops at the cap, whatever the headers claim."""
    declared = next((v for k, v in scope["headers"] if k == b"content-length"), b"0")
    size = 0

    async def limited() -> Message:
        nonlocal size
        if declared.isdigit() and int(declared) > cap:
            raise TooLarge
        message = await receive()
        size += len(message.get("body", b""))
        if size > cap:
            raise TooLarge
        return message

    return limited


def _query(request: Request) -> dict[str, str]:
    """The query's parameters, each named once, and none with U+0000, which PostgreSQL cannot hold."""
    pairs = request.query_params.multi_items()
    values = dict(pairs)
    if len(values) != len(pairs) or any("\0" in part for pair in pairs for part in pair):
        raise Unreadable
    return values


async def _json_bytes(request: Request) -> bytes:
    """The body, when it claims to be JSON. An empty body counts as `{}`."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMedia
    try:
        raw = await request.body()
    except ClientDisconnect as error:
        raise Unreadable from error
    if raw and kind != JSON:
        raise UnsupportedMedia
    return raw or b"{}"


async def uploaded_file(call: Call, name: str, *, cap: int) -> bytes:
    """The bytes of the one file part `name` of a multipart body. Raises Unreadable, TooLarge, InvalidRequest."""
    if not call.request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise UnsupportedMedia
    try:
        async with call.request.form(max_files=1, max_fields=10) as form:
            part = form.get(name)
            if not isinstance(part, UploadFile):
                raise InvalidRequest(
                    errors=[FieldError(field=name, code="missing", detail=text("缺少文件", "The file is missing"))]
                )
            content = await part.read(cap + 1)
    except (HTTPException, ClientDisconnect, KeyError, UnicodeDecodeError) as error:
        raise Unreadable from error
    if len(content) > cap:
        raise TooLarge
    return content


def refuse_twice_named(endpoints: Sequence[Endpoint]) -> None:
    """Two endpoints of one method and path would hide each other."""
    seen: set[tuple[str, str]] = set()
    for spec in endpoints:
        assert (spec.method, spec.path) not in seen, f"{spec.method} {spec.path} is routed twice"
        seen.add((spec.method, spec.path))
