"""
The access matrix: every route and every client frame, asked by twelve callers about what is theirs, what is somebody
else's, what is another office's and what is not there.

The tables of routes and frames give the rows, so a new one is judged without anybody remembering to. What is expected
stands in tests/attacks/things.py, noun by noun, independently of auth/rights.py. `make matrix` prints it.
"""

import asyncio
import json
import re
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from chat.config import ChatSettings
from chat.frames import RIGHTS
from kit.web import Endpoint
from tests.attacks import desk_things, hall_things, more_things  # noqa: F401 - add their nouns
from tests.attacks.things import BODIES, CALLERS, NOT_CARRIED_OUT, PARTS, STOPPED, Met, World, noun_of
from tests.flows.town import Person, Town
from tests.patience import WAIT_S

SAME_WHATEVER = {"date", "x-request-id", "content-length", "server-timing"}


@dataclass
class Matrix:
    """What was found: per route or frame and caller a short word, and the deviations in sentences."""

    rows: dict[str, dict[str, str]] = field(default_factory=dict)
    cells: int = 0
    deviations: list[str] = field(default_factory=list)
    answers: list[tuple[str, str, Any]] = field(default_factory=list)  # route, caller, JSON that was let out
    gone: set[str] = field(default_factory=set)  # things that were taken away by one of those who may

    def note(self, where: str, caller: str, word: str, *, cells: int, wrong: Iterable[str] = ()) -> None:
        self.rows.setdefault(where, {})[caller] = word
        self.cells += cells
        self.deviations += [f"{where} · {caller}: {said}" for said in wrong]


async def ask(person: Person, spec: Endpoint, thing: str) -> Met:
    """One call about one thing."""
    filled = iter([thing])
    path = re.sub(
        r"{(\w+)}", lambda m: next(filled, PARTS["id"]) if m[1] in {"id", "seq"} else PARTS.get(m[1], "x"), spec.path
    )
    headers = {"idempotency-key": uuid4().hex} | ({"authorization": f"Bearer {person.token}"} if person.token else {})
    more: dict[str, Any] = {}
    if spec.body:
        more["json"] = BODIES.get(f"{spec.method} {spec.path}", {})
    answer = await person.http.request(spec.method, f"/api/v1{path}", headers=headers, **more)
    told = answer.json() if "json" in answer.headers.get("content-type", "") else len(answer.content)
    if isinstance(told, dict):
        told.pop("request_id", None)
    kept = {k: v for k, v in answer.headers.items() if k not in SAME_WHATEVER}
    return Met(answer.status_code, told, kept)


def gate(spec: Endpoint, name: str) -> tuple[int, str] | None:
    """What stops the caller before any thing is looked at; None when nothing does."""
    if spec.public:
        return None
    if name in STOPPED:
        return 401, STOPPED[name]
    return None if CALLERS[name] & spec.roles else (403, "forbidden")


async def judged(made: World, spec: Endpoint, name: str, found: Matrix) -> None:
    """One route and one caller: the thing that is not there, then every thing of the noun that is."""
    person, where = made.people[name], f"{spec.method:6} {spec.path}"
    things = made.things.get(noun_of(spec.path) or "", [])
    stopped = gate(spec, name)
    if stopped is not None:
        met = [await ask(person, spec, thing) for thing in (str(uuid4()), *(t.id for t in things))]
        wrong = [str(m) for m in met if (m.status, m.code) != stopped]
        found.note(where, name, str(stopped[0]), cells=len(met), wrong=wrong)
    elif f"{spec.method} {spec.path}" in NOT_CARRIED_OUT:
        found.note(where, name, "·", cells=0)
    elif noun_of(spec.path) is None:
        met_ = await ask(person, spec, "")
        hidden = met_.status == 401 or (met_.status, met_.code) == (403, "forbidden") or met_.status >= 500
        _keep(found, spec, name, met_)
        found.note(where, name, "+", cells=1, wrong=[str(met_)] if hidden and not spec.public else [])
    else:
        await _things_judged(made, spec, name, found)


async def _things_judged(made: World, spec: Endpoint, name: str, found: Matrix) -> None:
    person, where = made.people[name], f"{spec.method:6} {spec.path}"
    things = made.things.get(noun_of(spec.path) or "", [])
    missing = await ask(person, spec, str(uuid4()))
    wrong = [] if missing.status == 404 else [f"missing: {missing}"]
    reached = 0
    for thing in sorted(things, key=lambda t: name in t.seen_by):  # what is theirs comes last: it may change them
        met = await ask(person, spec, thing.id)
        if name in thing.seen_by:
            reached += 1
            closed = met.status in {401, 404} or (met.status, met.code) == (403, "forbidden") or met.status >= 500
            wrong += [f"own {thing.id}: {met}"] if closed and not _excused(spec, met, thing.id in found.gone) else []
            if spec.method == "DELETE" and met.status < 300:
                found.gone.add(thing.id)
            _keep(found, spec, name, met)
        elif met != missing:
            wrong.append(f"other's {thing.id}: {met} unlike missing: {missing}")
    found.note(where, name, f"{reached}/{len(things)}", cells=1 + len(things), wrong=wrong)


def _excused(spec: Endpoint, met: Met, gone: bool) -> bool:
    """Theirs, but taken away before, or what is named beside it does not exist, or it is theirs to watch only."""
    watched = f"{spec.method} {spec.path}" == "POST /consultations/{id}/messages"
    return met.status == 404 and (gone or watched or spec.path.count("{") > 1)


def _keep(found: Matrix, spec: Endpoint, name: str, met: Met) -> None:
    if met.status < 300 and isinstance(met.body, dict | list):
        found.answers.append((f"{spec.method} {spec.path}", name, met.body))


# What each frame says of a conversation; a frame without a row here is not judged, and the test says so.
FRAMES: dict[str, dict[str, Any]] = {
    "SendText": {"type": "send", "kind": "text", "body": {"text": "access matrix"}},
    "SendImage": {"type": "send", "kind": "image", "body": {"upload": PARTS["id"]}},
    "SendCard": {"type": "send", "kind": "card", "body": {"card": "item", "ref": "000109101001"}},
    "SendNote": {"type": "send", "kind": "note", "body": {"text": "access matrix"}},
    "Edit": {"type": "edit", "of": 1, "body": {"text": "access matrix"}},
    "Recall": {"type": "recall", "of": 1},
    "Read": {"type": "read", "seq": 1},
    "Sync": {"type": "sync", "after": 0},
    "Typing": {"type": "typing"},
    "Leave": {"type": "leave"},
    "OfferReply": {"type": "offer_reply", "accept": False},
    "SetPresence": {"type": "presence", "status": "away"},
    "Refresh": {"type": "refresh"},
    "Ping": {"type": "ping", "t": 7},
    "Hello": {"type": "hello"},
}
PER_CONVERSATION = FRAMES.keys() - {"SetPresence", "Refresh", "Ping", "Hello"}
BEFORE_ANYBODY_IS_KNOWN = ("Hello", "Ping")
UNPACED = 20  # answers of one socket: of three seconds' worth of frames at once


class Line:
    """One socket of one caller, frame by frame: what is answered to each."""

    def __init__(self, connection: Any, token: str) -> None:
        self.connection, self.token, self.asked = connection, token, 0

    async def welcomed(self) -> str:
        """The reason the socket ended with, or an empty text when it was let in."""
        await self.connection.send(json.dumps({"type": "hello", "token": self.token or "x"}))
        try:
            async with asyncio.timeout(WAIT_S):
                while True:
                    frame = json.loads(await self.connection.recv())
                    if frame["type"] == "welcome":
                        return ""
                    if frame["type"] == "error":
                        return str(frame["code"])
        except ConnectionClosed:
            return "closed"

    async def answer(self, frame: dict[str, Any]) -> str:
        """The code it was refused with, or `ok`. An answer comes before the pong; of a message its ack or its error."""
        self.asked += 1
        if self.asked > UNPACED:
            await asyncio.sleep(2 / ChatSettings().chat_frames_per_s)  # the frame and its ping, at the pace let through
        mark, own = f"m{self.asked}", f"c{self.asked}-{uuid4().hex[:8]}"
        stored = frame["type"] in {"send", "edit", "recall"}
        if stored:
            frame = frame | {"client_id": own}
        await self.connection.send(json.dumps(frame))
        await self.connection.send(json.dumps({"type": "ping", "t": mark}))
        outcome, ponged = "", False
        try:
            async with asyncio.timeout(30):
                while not ponged or (stored and not outcome):
                    told = json.loads(await self.connection.recv())
                    if told["type"] == "pong" and told.get("t") == mark:
                        ponged = True
                    elif told["type"] == "error":
                        outcome = str(told["code"])
                    elif told["type"] == "ack" and told["client_id"] == own:
                        outcome = "ok"
        except TimeoutError:
            return "no answer"
        return outcome or "ok"


async def frames_judged(made: World, town: Town, name: str, found: Matrix) -> None:
    """Every frame by one caller: about each conversation that is there, and about one that is not."""
    address = town.url.replace("http", "ws", 1) + "/api/v1/chat"
    token = made.people[name].token
    async with connect(address, subprotocols=["handheld.v1"], proxy=None) as connection:  # type: ignore[list-item]
        line = Line(connection, token)
        end = await line.welcomed()
        if name in STOPPED:
            expected = "token_invalid" if name == "anonymous" else STOPPED[name]
            found.note(
                "frame  Hello", name, "401", cells=1, wrong=[] if end == expected else [f"{end}, not {expected}"]
            )
            for kind in FRAMES.keys() - {"Hello"}:
                found.note(f"frame  {kind}", name, "401", cells=0)
            return
        found.note("frame  Hello", name, "+", cells=1, wrong=[end] if end else [])
        for kind, frame in FRAMES.items():
            if kind != "Hello":
                await _frame_judged(made, line, kind, frame, name=name, found=found)


async def _frame_judged(made: World, line: Line, kind: str, frame: dict[str, Any], *, name: str, found: Matrix) -> None:
    right = next(r for k, r in RIGHTS.items() if k.__name__ == kind)
    let_in = kind in BEFORE_ANYBODY_IS_KNOWN or bool(right.roles & CALLERS[name])
    if kind not in PER_CONVERSATION:
        told = await line.answer(frame | ({"token": line.token} if kind == "Refresh" else {}))
        expected = "ok" if let_in else "forbidden"
        wrong = [] if told == expected else [f"{told}, not {expected}"]
        found.note(f"frame  {kind}", name, "+" if let_in else "403", cells=1, wrong=wrong)
        return
    things = made.things["consultations"]
    missing = await line.answer(frame | {"conversation": str(uuid4())})
    unknown = {"not_found", "image_unknown"} if kind == "SendImage" else {"not_found"}
    wrong, reached = [], 0
    if missing not in (unknown if let_in else {"forbidden"}):
        wrong.append(f"missing: {missing}")
    for thing in things:
        told = await line.answer(frame | {"conversation": thing.id})
        if let_in and name in thing.seen_by:
            reached += 1
            wrong += [f"own: {told}"] if told in {"forbidden", "not_found"} and kind not in THEN_ONLY else []
        elif told != missing:
            wrong.append(f"other's: {told} unlike missing: {missing}")
    word = f"{reached}/{len(things)}" if let_in else "403"
    found.note(f"frame  {kind}", name, word, cells=1 + len(things), wrong=wrong)


# Refused as absent also to whom it belongs, when the moment is over: typing into what is closed, saying no to no offer,
# writing as somebody who only watches.
THEN_ONLY = {"Typing", "OfferReply", "SendText", "SendImage", "SendCard", "Edit", "Recall"}


async def run(town: Town, made: World, specs: list[Endpoint]) -> Matrix:
    """The whole matrix. Readers first, those who take away last."""
    found = Matrix()
    order = {"GET": 0, "POST": 1, "PUT": 2, "PATCH": 3, "DELETE": 4}
    for spec in sorted(specs, key=lambda s: (order[s.method], s.path)):
        owners = {n for t in made.things.get(noun_of(spec.path) or "", []) for n in t.seen_by}
        await asyncio.gather(*(judged(made, spec, name, found) for name in CALLERS if name not in owners))
        for name in (n for n in CALLERS if n in owners):
            await judged(made, spec, name, found)
    for name in CALLERS:
        await frames_judged(made, town, name, found)
    return found


def printed(found: Matrix) -> str:
    """The table: a row a route or frame, a column a caller; n/m: of m things there n are theirs; + no thing is named."""
    names = list(CALLERS)
    wide = max(len(where) for where in found.rows)
    head = " " * wide + "  " + " ".join(f"{i + 1:>4}" for i in range(len(names)))
    lines = [f"{i + 1:>2} {name}" for i, name in enumerate(names)] + ["", head]
    for where, row in sorted(found.rows.items(), key=lambda r: (r[0].startswith("frame"), r[0].split()[-1], r[0])):
        lines.append(f"{where:<{wide}}  " + " ".join(f"{row.get(name, ''):>4}" for name in names))
    routes = sum(not where.startswith("frame") for where in found.rows)
    counted = f"routes {routes}, frames {len(found.rows) - routes}, callers {len(names)}, cells {found.cells}"
    return "\n".join([*lines, "", *found.deviations, f"{counted}, deviations {len(found.deviations)}"])


async def main() -> int:
    from mobileapi.app import endpoints
    from mobileapi.settings import load
    from tests.attacks.things import world
    from tests.e2e.conftest import open_office

    load()
    if len(sys.argv) == 3:  # an office that runs already: its address, and where its data are
        async with Town.visit(sys.argv[1]) as town:
            return told(await run(town, await world(town, Path(sys.argv[2])), endpoints()))
    with tempfile.TemporaryDirectory(prefix="hho-matrix-") as folder:
        Path(folder).chmod(0o755)  # the embedded database runs as another user when we are root
        with open_office(Path(folder) / "data", ready_within_s=300, HANDHELD_LIMIT_PERSON_PER_MINUTE="1000000") as url:
            async with Town.visit(url) as town:
                return told(await run(town, await world(town, Path(folder) / "data"), endpoints()))


def told(found: Matrix) -> int:
    """Prints the table; the exit code."""
    print(printed(found))
    return 1 if found.deviations else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
