"""
The floors: what a server costs that does less than the product.

`relay` stores nothing: it gives a frame to the other socket of the pair and an ack to the sender. `grouped` also
stores, with the least that can be called storing: one table, one multi-row insert for all that wait, acks after it.
"""

import asyncio
import os
from typing import Any

import asyncpg
import orjson
from redis import asyncio as redis
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from kit import db

TABLE = (
    "CREATE TABLE IF NOT EXISTS bench_message (conversation text, seq bigint, sender text, client_id text, body jsonb, "
    "at timestamptz DEFAULT now(), PRIMARY KEY (conversation, seq), UNIQUE (sender, client_id))"
)
INSERT = (
    "INSERT INTO bench_message (conversation, seq, sender, client_id, body) "
    "SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::jsonb[])"
)
_rooms: dict[str, list[WebSocket]] = {}
_tops: dict[str, int] = {}


async def _joined(socket: WebSocket) -> str:
    await socket.accept(subprotocol="handheld.v1")
    hello = orjson.loads(await socket.receive_text())
    _rooms.setdefault(hello["token"], []).append(socket)
    await socket.send_text('{"type":"welcome"}')
    return str(hello["token"])


async def relay(socket: WebSocket) -> None:
    room = await _joined(socket)
    try:
        while True:
            frame = orjson.loads(await socket.receive_text())
            await _deliver(socket, room, frame, seq=1)
    except WebSocketDisconnect:
        return


async def _deliver(socket: WebSocket, room: str, frame: dict[str, Any], *, seq: int) -> None:
    ack = {"type": "ack", "client_id": frame["client_id"], "seq": seq}
    await socket.send_text(orjson.dumps(ack).decode())
    told = orjson.dumps(
        {"type": "message", "seq": seq, "client_id": frame["client_id"], "body": frame["body"]}
    ).decode()
    for other in _rooms[room]:
        if other is not socket:
            await other.send_text(told)


class Grouped:
    """With HANDHELD_REDIS_URL the two sides of a room may be at two processes; Redis carries the frames across."""

    def __init__(self) -> None:
        self.redis = redis.Redis.from_url(url) if (url := os.environ.get("HANDHELD_REDIS_URL")) else None
        self.own = os.getpid()
        self.waiting: list[tuple[WebSocket, str, dict[str, Any]]] = []
        self.some = asyncio.Event()

    async def write(self) -> None:
        connection = await asyncpg.connect(**db.credentials(os.environ["HANDHELD_DATABASE_URL"]))
        await connection.execute(TABLE)
        while True:
            await self.some.wait()
            self.some.clear()
            group, self.waiting = self.waiting, []
            seqs = []
            for _, room, _ in group:
                _tops[room] = _tops.get(room, self.own << 32) + 1  # two processes number a room apart
                seqs.append(_tops[room])
            await connection.execute(
                INSERT, [room for _, room, _ in group], seqs, [str(id(s)) for s, _, _ in group],
                [f["client_id"] for _, _, f in group], [orjson.dumps(f["body"]).decode() for _, _, f in group],
            )  # fmt: skip
            for (socket, room, frame), seq in zip(group, seqs, strict=True):
                await _deliver(socket, room, frame, seq=seq)
            if self.redis is not None:
                across = [
                    [room, seq, frame["client_id"], frame["body"]]
                    for (_, room, frame), seq in zip(group, seqs, strict=True)
                ]
                await self.redis.publish("bench", orjson.dumps([self.own, across]))

    async def hear(self) -> None:
        assert self.redis is not None
        async with self.redis.pubsub() as pubsub:
            await pubsub.subscribe("bench")
            async for told in pubsub.listen():
                if told["type"] != "message":
                    continue
                origin, frames = orjson.loads(told["data"])
                for room, seq, client_id, body in frames if origin != self.own else []:
                    frame = {"type": "message", "seq": seq, "client_id": client_id, "body": body}
                    for socket in _rooms.get(room, []):
                        await socket.send_text(orjson.dumps(frame).decode())

    async def serve(self, socket: WebSocket) -> None:
        room = await _joined(socket)
        try:
            while True:
                frame = orjson.loads(await socket.receive_text())
                self.waiting.append((socket, room, frame))
                self.some.set()
        except WebSocketDisconnect:
            return


def relay_app() -> Starlette:
    return Starlette(routes=[WebSocketRoute("/api/v1/chat", relay)])


def grouped_app() -> Starlette:
    from collections.abc import AsyncIterator
    from contextlib import asynccontextmanager

    floor = Grouped()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(floor.write())]
            if floor.redis is not None:
                tasks.append(group.create_task(floor.hear()))
            yield
            for task in tasks:
                task.cancel()

    return Starlette(routes=[WebSocketRoute("/api/v1/chat", floor.serve)], lifespan=lifespan)


async def raw_inserts(url: str, *, seconds: float, rows: int) -> float:
    """Rows a second of nothing but multi-row inserts, `rows` a commit."""
    connection = await asyncpg.connect(**db.credentials(url))
    await connection.execute(TABLE)
    await connection.execute("TRUNCATE bench_message")
    loop, written = asyncio.get_running_loop(), 0
    began = loop.time()
    while loop.time() - began < seconds:
        seqs = list(range(written, written + rows))
        await connection.execute(
            INSERT,
            ["raw"] * rows,
            seqs,
            ["raw"] * rows,
            [str(n) for n in seqs],
            ['{"text": "请问需要带什么材料？"}'] * rows,
        )
        written += rows
    rate = written / (loop.time() - began)
    await connection.execute("TRUNCATE bench_message")
    await connection.close()
    return rate
