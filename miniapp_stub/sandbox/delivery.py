"""Delivery of notices of both channels: sign, send, judge the answer within five seconds, and try again for a day."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from sqlite3 import Row
from typing import Any

import anyio
import httpx2

from miniapp_stub.sandbox.alipay.gateway import foreign_key
from miniapp_stub.sandbox.alipay.trade import notices as alipay
from miniapp_stub.sandbox.clock import HOUR, MINUTE
from miniapp_stub.sandbox.faults import Struck
from miniapp_stub.sandbox.rotation import alipay_signing_key
from miniapp_stub.sandbox.wechatpay import refunds, signing
from miniapp_stub.sandbox.wechatpay.certificates import foreign_signer, notice_signer
from miniapp_stub.sandbox.wechatpay.notices import envelope
from miniapp_stub.sandbox.wire import json_bytes
from miniapp_stub.sandbox.world import World

RETRY_S = (15, 15, 30, *(m * MINUTE for m in (3, 10, 20, 30, 30, 30, 60)), *(h * HOUR for h in (3, 3, 3, 6, 6)))
"""Gaps between attempts, 24 h 4 min in all; after the last one the merchant has to ask."""
ANSWER_WITHIN_S = 5.0
REORDER_PATIENCE_S = 5.0
"""A notice held back goes out behind the next one, or after this long when no other comes."""
KEPT_ANSWER = 500
ROUND_S = 1.0


def takes_status(status: int, answer: bytes) -> bool:
    """WeChat Pay: 200 and 204 are success whatever the body says; redirects are not followed and count as failure."""
    del answer
    return status in (200, 204)


def takes_word(status: int, answer: bytes) -> bool:
    """Alipay: only the seven bytes will do, with no line feed, quotation marks or capitals."""
    return status == 200 and answer == alipay.ACCEPTED


@dataclass
class Letter:
    """One copy on its way: what was sent, and what came back."""

    headers: dict[str, str]
    body: bytes
    accepts: Callable[[int, bytes], bool] = takes_status
    status: int | None = None
    answer: str | None = None
    error: str | None = None
    accepted: bool = False
    started: float = field(default_factory=time.monotonic)


async def rounds(world: World) -> None:
    """Settle due refunds and deliver due notices for as long as the sandbox runs."""
    async with anyio.create_task_group() as group:
        while True:
            refunds.settle_due(world)
            for notice_id in due(world):
                group.start_soon(attempt, world, notice_id)
            await world.courier.rest(_until_next(world))


def due(world: World) -> list[str]:
    rows = world.store.all(
        "SELECT id FROM notices WHERE state = 'pending' AND next_at <= ? ORDER BY next_at, rowid", world.clock.now()
    )
    return [str(row["id"]) for row in rows if row["id"] not in world.courier.flying]


async def attempt(world: World, notice_id: str) -> None:
    """Make one attempt for a notice, or hold it back when a fault says so. A second caller meanwhile does nothing."""
    if notice_id in world.courier.flying:
        return
    world.courier.flying.add(notice_id)
    try:
        notice = world.store.one("SELECT * FROM notices WHERE id = ?", notice_id)
        assert notice is not None
        struck = _fate(world, notice)
        if "delay" in struck or "reorder" in struck:
            _hold_back(world, notice, struck=struck)
            return
        letters = await _send_copies(world, notice, struck=struck)
        _record(world, notice, struck=struck, letters=letters)
    finally:
        world.courier.flying.discard(notice_id)
    _release_held(world, after=notice_id)


async def post(world: World, *, url: str, letter: Letter) -> None:
    """Send one letter and note the answer or the failure in it."""
    try:
        with anyio.fail_after(ANSWER_WITHIN_S):
            response = await world.courier.line().post(
                url, content=letter.body, headers=letter.headers, timeout=ANSWER_WITHIN_S
            )
        letter.status, letter.answer = response.status_code, response.text[:KEPT_ANSWER]
        letter.accepted = letter.accepts(response.status_code, response.content)
    except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, OSError, ValueError) as error:
        letter.error = f"{type(error).__name__}: {error}"[:KEPT_ANSWER]


def write_letter(
    world: World, *, content: dict[str, Any], signer: signing.Signer, skew_s: float = 0, struck: Struck | None = None
) -> Letter:
    """Sign a notice's body; faults may forge, alter, or turn the signature into a probe."""
    struck = struck or {}
    body = json_bytes(content)
    signer = foreign_signer(signer) if "forge" in struck else signer
    headers = signing.signature_headers(body, signer, now=world.clock.signing_now() + skew_s)
    if "probe" in struck:
        headers["Wechatpay-Signature"] = signing.PROBE + headers["Wechatpay-Signature"][len(signing.PROBE) :]
    if "tamper" in struck:
        body = body.replace(b'"create_time"', b'"created_time"', 1)
    fixed = {"Content-Type": "application/json", "Accept": "*/*", "User-Agent": "Mozilla/4.0"}
    return Letter(fixed | headers | {"Request-ID": signing.new_nonce()}, body)


async def _send_copies(world: World, notice: Row, *, struck: Struck) -> list[Letter]:
    copies = [_letter_for(world, notice, struck=struck) for _ in range(2 if "duplicate" in struck else 1)]
    if struck.keys() & {"drop", "timeout_before", "http_500"}:
        for letter in copies:
            letter.error = "lost on the way by a fault"
        return copies
    async with anyio.create_task_group() as group:
        for letter in copies:
            group.start_soon(partial(post, world, url=notice["url"], letter=letter))
    return copies


def write_form(body: bytes, *, struck: Struck | None = None) -> Letter:
    """A letter of Alipay's; a fault may alter it behind its signature."""
    if "tamper" in (struck or {}):
        body = body.replace(b"&gmt_payment=", b"&gmt_payment=9", 1)
    return Letter({"Content-Type": alipay.CONTENT_TYPE, "User-Agent": "Mozilla/4.0"}, body, takes_word)


def _letter_for(world: World, notice: Row, *, struck: Struck) -> Letter:
    if _channel(notice) == "alipay":
        return _form_for(world, notice, struck=struck)
    resource = json.loads(notice["resource"])
    if "wrong_amount" in struck:
        amount = {name: value + 1 if isinstance(value, int) else value for name, value in resource["amount"].items()}
        resource |= {"amount": amount}
    content = envelope(
        world,
        notice_id=notice["id"],
        event_type=notice["event_type"],
        created_at=notice["created_at"],
        resource=resource,
    )
    return write_letter(world, content=content, signer=notice_signer(world, notice["id"]), struck=struck)


def _form_for(world: World, notice: Row, *, struck: Struck) -> Letter:
    fields = json.loads(notice["resource"])
    if "wrong_amount" in struck:
        fields = alipay.with_wrong_amount(fields)
    genuine = alipay_signing_key(world, notice["id"])
    key = foreign_key() if struck.keys() & {"forge", "probe"} else genuine
    return write_form(alipay.letter_body(world, fields, notice_id=notice["id"], key=key), struck=struck)


def _hold_back(world: World, notice: Row, *, struck: Struck) -> None:
    """Keep what else was drawn for the attempt to come, so that it is not drawn anew for ever."""
    later = {kind: wait_s for kind, wait_s in struck.items() if kind not in ("delay", "reorder")}
    wait_s = max(struck.get("delay", 0), REORDER_PATIENCE_S if "reorder" in struck else 0)
    world.store.run(
        "UPDATE notices SET next_at = ?, held = ?, drawn = ? WHERE id = ?",
        world.clock.now() + wait_s,
        int("reorder" in struck and "delay" not in struck),
        json.dumps(later),
        notice["id"],
    )
    world.courier.wake()


def _release_held(world: World, *, after: str) -> None:
    released = world.store.run(
        "UPDATE notices SET next_at = ?, held = 0 WHERE held AND id <> ?", world.clock.now(), after
    )
    if released:
        world.courier.wake()


def _record(world: World, notice: Row, *, struck: Struck, letters: list[Letter]) -> None:
    now, tries = world.clock.now(), notice["tries"] + 1
    delivered = notice["state"] == "delivered" or (
        "timeout_after" not in struck and any(letter.accepted for letter in letters)
    )
    gaps = alipay.RETRY_S if _channel(notice) == "alipay" else RETRY_S
    exhausted = not delivered and tries > len(gaps)
    next_at = None if delivered or exhausted else now + gaps[tries - 1]
    state = "delivered" if delivered else "exhausted" if exhausted else "pending"
    with world.store.transaction():
        for letter in letters:
            _record_letter(world, notice, letter=letter, n=tries, faults=sorted(struck))
        world.store.run(
            "UPDATE notices SET tries = ?, next_at = ?, state = ?, held = 0, drawn = NULL WHERE id = ?",
            tries,
            next_at,
            state,
            notice["id"],
        )


def _record_letter(world: World, notice: Row, *, letter: Letter, n: int, faults: list[str]) -> None:
    world.store.run(
        "INSERT INTO attempts (notice_id, n, at, faults, headers, body, status, answer, error, took_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        notice["id"],
        n,
        world.clock.now(),
        json.dumps(faults),
        json.dumps(letter.headers),
        letter.body.decode("utf-8"),
        letter.status,
        letter.answer,
        letter.error,
        int((time.monotonic() - letter.started) * 1000),
    )


def _fate(world: World, notice: Row) -> Struck:
    """What was drawn when the notice was held back, or a fresh draw."""
    kept: Struck | None = json.loads(notice["drawn"]) if notice["drawn"] else None
    return world.faults.strike("notify", channel=_channel(notice)) if kept is None else kept


def _channel(notice: Row) -> str:
    return "alipay" if notice["event_type"] == alipay.EVENT else "wechat"


def _until_next(world: World) -> float:
    row = world.store.one("SELECT min(next_at) AS at FROM notices WHERE state = 'pending'")
    if row is None or row["at"] is None:
        return ROUND_S
    return min(max(float(row["at"]) - world.clock.now(), 0.1), ROUND_S)
