"""docs/protocol.md is the fixture: each client example is sent as it stands there, each server example is compared."""

import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from auth.models import Citizen
from chat import attachments
from chat.asyncapi import SERVER
from chat.attachments import ImageInfo, ImageLinks
from chat.frames import READERS
from tests.chat.conftest import Roster
from tests.chat.office import Counter, Line, token_of

pytestmark = pytest.mark.anyio

DOCUMENT = Path(__file__).parents[2] / "docs" / "protocol.md"
FENCE = re.compile(r"^```json (client|server)=(\w+)(?: answer=(\w+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
EXAMPLES = FENCE.findall(DOCUMENT.read_text(encoding="utf-8"))
CONVERSATION, UPLOAD = "0b6c7f3e-58c7-4f0e-9f6b-3a7f5f2f9c11", "c1a9f7de-2f64-4c38-a6c3-0a4f8e3b7d20"
TOKEN = "eyJ0b2tlbiI6ICJvZiAvYXV0aC9vbmUtdGFwIn0"
SAID = [(who, answer, json.loads(raw)) for side, who, answer, raw in EXAMPLES if side == "client"]
SHOWN = {kind: json.loads(raw) for side, kind, _, raw in EXAMPLES if side == "server"}
OPTIONAL = {"error": {"client_id", "conversation", "retry_after_s"}, "message": {"edited", "recalled"}}


def test_every_client_frame_has_an_example() -> None:
    assert {frame["type"] for _, _, frame in SAID} == set(READERS)
    assert {frame["kind"] for _, _, frame in SAID if frame["type"] == "send"} == {"text", "image", "card", "note"}


def test_the_machine_readable_description_names_the_same_frames() -> None:
    assert set(SERVER) == set(SHOWN)
    for kind, (_, need, may) in SERVER.items():
        assert need.keys() <= SHOWN[kind].keys() - {"type"}, kind
        assert SHOWN[kind].keys() - {"type"} <= need.keys() | may.keys() or kind == "conversation", kind


async def test_every_example_holds(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    tokens = {
        "citizen": await token_of(citizen),
        "clerk": await token_of(roster.owner),
        "supervisor": await token_of(roster.supervisor),
    }

    async def owned(upload: UUID, owner: str) -> ImageInfo | None:
        return ImageInfo(640, 480) if (str(upload), owner) == (UPLOAD, f"citizen:{citizen.id}") else None

    attachments.install(owned, lambda upload, reader: ImageLinks(f"/f/{upload}", f"/t/{upload}"))
    lines: dict[str, Line] = {"clerk": await desk.come(tokens["clerk"])}
    opened = await desk.ask(citizen)
    lines["citizen"] = await desk.dial()

    async def say(who: str, answer: str, frame: dict[str, Any]) -> None:
        raw = json.dumps(frame).replace(CONVERSATION, opened["id"]).replace(TOKEN, tokens[who])
        await lines[who].say_raw(raw)
        if answer:
            own = {k: frame[k] for k in ("client_id",) if k in frame}
            await lines["citizen" if answer == "receipt" else who].hear(answer, **own)

    lines["supervisor"] = await desk.come(tokens["supervisor"])
    in_order = sorted(SAID, key=lambda s: {"hello": 0, "presence": 1, "offer_reply": 2}.get(s[2]["type"], 3))
    for who, answer, frame in in_order:
        if frame["type"] == "leave":
            await lines[who].say(type="sync", conversation=opened["id"], after=0)
            await lines["clerk"].hear(
                "watching", by=[{"id": str(roster.supervisor.id), "name": roster.supervisor.name}]
            )
        await say(who, answer, frame)
        if frame["type"] == "leave":
            await lines["clerk"].hear("watching", by=[])
        if frame["type"] == "offer_reply":
            await lines["clerk"].hear("message", seq=2)
    await lines["clerk"].hear("typing")
    await say("citizen", "error", {"type": "typing", "conversation": UPLOAD})
    await desk.come(citizen, since={opened["id"]: 99})
    await (again := await desk.come(citizen, since={opened["id"]: 99})).hear("reset")
    await desk.hub.drain()
    for line in (*lines.values(), again):
        await line.until_closed()

    received: dict[str, list[dict[str, Any]]] = {}
    for line in (*lines.values(), again):
        for frame in line.frames:
            received.setdefault(frame["type"], []).append(frame)
    assert set(received) == set(SHOWN)
    for kind, frames in received.items():
        for frame in frames:
            assert set(frame) ^ set(SHOWN[kind]) <= OPTIONAL.get(kind, set()), (kind, frame)
            for name, value in SHOWN[kind].items():
                if isinstance(value, dict) and isinstance(frame.get(name), dict) and name != "body":
                    assert set(frame[name]) == set(value), (kind, name)
