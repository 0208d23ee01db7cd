"""A running office as its visitors see it: clients for citizens and clerks, the platform's control surface, photos."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx2
import pyotp
from PIL import Image, ImageDraw
from websockets.asyncio.client import ClientConnection, connect

from tests.patience import WAIT_S

Say = Callable[[str], None]


class StepFailed(AssertionError):
    """What was expected did not happen."""


def expect(true: bool, what: str, *, got: Any = "") -> None:
    if not true:
        raise StepFailed(f"{what} {got}".strip())


@dataclass
class Person:
    """Somebody with a token."""

    http: httpx2.AsyncClient
    token: str = ""
    refresh: str = ""
    who: dict[str, Any] = field(default_factory=dict)

    async def ask(self, method: str, path: str, *, status: int = 200, **more: Any) -> Any:
        """One call below /api/v1; the JSON answer. Fails when the status is another."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= more.pop("headers", {})
        if method == "POST":
            headers.setdefault("idempotency-key", uuid4().hex)
        answer = await self.http.request(method, f"/api/v1{path}", headers=headers, **more)
        expect(
            answer.status_code == status,
            f"{method} {path} answered {answer.status_code}, not {status}:",
            got=answer.text[:300],
        )
        return answer.json() if answer.content and "json" in answer.headers["content-type"] else answer.content


@dataclass
class Socket:
    """One side of a conversation."""

    connection: ClientConnection
    seen: list[dict[str, Any]] = field(default_factory=list)

    async def send(self, **frame: Any) -> None:
        await self.connection.send(json.dumps(frame))

    async def until(self, kind: str, /, *, within_s: float = WAIT_S, **fields: Any) -> dict[str, Any]:
        """The next frame of this type whose fields fit; what passes by is kept in `seen`."""
        async with asyncio.timeout(within_s):
            while True:
                frame: dict[str, Any] = json.loads(await self.connection.recv())
                self.seen.append(frame)
                if frame["type"] == kind and all(frame.get(k) == v for k, v in fields.items()):
                    return frame


@dataclass
class Town:
    """The office at `url` and the sandbox beside it."""

    url: str
    http: httpx2.AsyncClient
    accounts: dict[str, Any]

    @classmethod
    @asynccontextmanager
    async def visit(cls, url: str) -> AsyncIterator["Town"]:
        async with httpx2.AsyncClient(base_url=url, timeout=60, trust_env=False) as http:
            accounts = (await http.get("/demo/accounts")).json()
            yield cls(url, http, accounts)

    async def sandbox(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await self.http.post(f"{self.accounts['sandbox']}/_sandbox/{path}", json=body)
        expect(answer.status_code < 300, f"the sandbox refused {path}:", got=answer.text[:200])
        told: dict[str, Any] = answer.json()
        return told

    async def charges(self) -> dict[str, Any]:
        answer = await self.http.get(f"{self.accounts['sandbox']}/_sandbox/charges")
        told: dict[str, Any] = answer.json()
        return told

    def demo_citizen(self, place: int) -> dict[str, Any]:
        wechat = [c for c in self.accounts["citizens"] if c["platform"] == "wechat"]
        citizen: dict[str, Any] = wechat[place]
        return citizen

    async def codes(self, openid: str) -> dict[str, str]:
        return {k: str(v) for k, v in (await self.sandbox("codes", {"openid": openid})).items()}

    async def one_tap(self, citizen: dict[str, Any]) -> Person:
        """Signs a demonstration citizen in with fresh codes."""
        codes = await self.codes(citizen["openid"])
        person = Person(self.http)
        told = await person.ask("POST", "/auth/one-tap", json={"platform": citizen["platform"], **codes})
        person.token, person.refresh, person.who = told["access_token"], told["refresh_token"], told["citizen"]
        return person

    async def clerk(self, username: str) -> Person:
        """Signs a member of staff in."""
        account = next(s for s in self.accounts["staff"] if s["username"] == username)
        person = Person(self.http)
        otp = pyotp.TOTP(account["totp_secret"]).now()
        body = {"username": username, "password": account["password"], "otp": otp}
        told = await person.ask("POST", "/auth/staff/sign-in", json=body)
        person.token, person.who = told["access_token"], told["staff"]
        return person

    def owner_of(self, item: str) -> str:
        return str(next(s["username"] for s in self.accounts["staff"] if item in s["duties"]))

    def of_role(self, role: str) -> str:
        return str(next(s["username"] for s in self.accounts["staff"] if s["role"] == role))

    @asynccontextmanager
    async def socket(self, person: Person, since: dict[str, int] | None = None) -> AsyncIterator[Socket]:
        """An open socket of `person` that has been welcomed."""
        address = self.url.replace("http", "ws", 1) + "/api/v1/chat"
        async with connect(address, subprotocols=["handheld.v1"], proxy=None) as connection:  # type: ignore[list-item]
            side = Socket(connection)
            await side.send(type="hello", token=person.token, since=since or {})
            await side.until("welcome")
            yield side


def photo(words: str, *, kind: str = "JPEG", blurred: bool = False) -> bytes:
    """A photo of a paper: sharp edges, fair light; or one that nobody can read."""
    paper = Image.effect_noise((1200, 1600), 24).convert("RGB").point(lambda v: min(235, v + 60))
    pen = ImageDraw.Draw(paper)
    for line in range(24):
        pen.rectangle((90, 90 + line * 60, 90 + 37 * (5 + line * 7 % 22), 116 + line * 60), fill=(30, 30, 40))
    pen.text((100, 20), words, fill=(0, 0, 0))
    if blurred:
        paper = paper.resize((60, 80)).resize((1200, 1600))
    out = io.BytesIO()
    paper.save(out, kind)
    return out.getvalue()
