"""
对账单: what a day came to for one body, signed.

The text tells the day, the zone, every income item's opening, receipts, returns, what went on to the treasuries and
closing, where receipts came from, and the hash of the list of entries, which who has the list can compute again.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from asyncpg import Record

from auth.models import Department
from kit import clock, documents
from kit.config import current
from kit.errors import NotFound
from kit.ids import new_id, readable_code
from kit.money import yuan_text
from kit.texts import Text, text
from payments.closing import keys, sheets
from payments.closing.figures import Account, Span, accounts, body_of, digest_of, postings, sources, span_of
from payments.closing.models import DayClose, Statement, StatementKey
from payments.closing.signing import canonical, compact, holds, signature_of
from payments.config import PaymentSettings

TEMPLATE = Path(__file__).parent.joinpath("templates", "statement.typ")
HEAD = ("no", "booked_at", "kind", "reference", "income_item", "amount_yuan", "amount_fen")


async def sign_all(close: DayClose, span: Span) -> list[Statement]:
    """A statement for every body that has income in the books, in the open transaction."""
    bodies: dict[str, list[Account]] = {}
    for account in await accounts(span):
        body = body_of(account.name)
        if body is not None:
            bodies.setdefault(body, []).append(account)
    names = {d.code: d.name for d in await Department.filter(code__in=list(bodies))}
    key = await keys.signing_key()
    made = []
    for body, its in sorted(bodies.items()):
        content = canonical(await _content(close, span, body=body, name=names.get(body, {"zh": body}), its=its))
        title = text(f"{close.day} 非税收入日对账单", f"Daily statement of non-tax revenue, {close.day}").model_dump()
        made.append(
            await Statement.create(
                id=new_id(),
                close_id=close.id,
                day=close.day,
                department_code=body,
                title=title,
                content=content,
                digest=digest_of(content),
                key=key.id,
                signature=signature_of(content, key=key),
                verify_code=readable_code(26),
                made_at=clock.now(),
            )
        )
    return made


async def _content(
    close: DayClose, span: Span, *, body: str, name: dict[str, Any], its: Sequence[Account]
) -> dict[str, Any]:
    """What is signed. Income is told as the body sees it: money received is positive."""
    items = [
        {"income_item": account.name.split(":", 2)[2], "opening_fen": -account.opening_fen,
         "received_fen": account.credit_fen, "returned_fen": account.debit_fen - account.handed_fen,
         "handed_fen": account.handed_fen, "closing_fen": -account.closing_fen,
         "entries": account.entries}
        for account in its
    ]  # fmt: skip
    count, digest = await _entries_digest(span, body)
    totals = {
        f"{what}_fen": sum(int(str(item[f"{what}_fen"])) for item in items)
        for what in ("opening", "received", "returned", "handed", "closing")
    }
    return {
        "kind": "handheld.daily_statement", "version": 1, "day": span.day.isoformat(), "close": close.number,
        "time_zone": clock.city_zone().key, "since": span.since.isoformat(), "until": span.until.isoformat(),
        "currency": "CNY", "body": {"code": body, "name": name}, "items": items, "totals": totals,
        "sources": await sources(span, body), "entries": count, "entries_sha256": digest,
        "runs": close.summary["runs"],
    }  # fmt: skip


def _row(number: int, row: Record) -> tuple[sheets.Cell, ...]:
    fen = -row["amount_fen"]
    item = row["account"].split(":", 2)[2]
    return (number, row["at"], row["kind"], row["reference"], item, sheets.yuan(fen), fen)


def head() -> tuple[str, ...]:
    """The columns of the entries, with the zone their times are in."""
    return tuple(sheets.zoned(name) if name == "booked_at" else name for name in HEAD)


async def _entries_digest(span: Span, body: str) -> tuple[int, str]:
    """How many entries, and SHA-256 of their CSV, byte for byte what `entries_file` gives."""
    digest, count = hashlib.sha256(("\ufeff" + sheets.csv_line(head())).encode()), 0
    async for row in postings(span, f"income:{body}:"):
        count += 1
        digest.update(sheets.csv_line(_row(count, row)).encode())
    return count, digest.hexdigest()


async def entries_file(statement: Statement, *, form: sheets.Format) -> bytes:
    """The entries a statement sums up, as CSV or XLSX."""
    found = [row async for row in postings(span_of(statement.day), f"income:{statement.department_code}:")]
    rows = [_row(number, row) for number, row in enumerate(found, start=1)]
    if form == "csv":
        return sheets.as_csv(head(), rows)
    return sheets.as_xlsx(head(), rows, title=f"{statement.day} {statement.department_code}")


@dataclass(frozen=True)
class Proof:
    """What anybody holding a statement's code may see. `status`: valid, replaced by a later close, or altered."""

    id: UUID
    number: str
    title: Text
    body: Text
    digest: str
    key: str
    totals: dict[str, int]
    made_at: datetime
    status: str


async def proven(verify_code: str) -> Proof | None:
    """The statement behind a verify code with its signature checked anew, or None."""
    found = await Statement.get_or_none(verify_code=verify_code[:32].upper()).select_related("close")
    if found is None:
        return None
    content = json.loads(found.content)
    in_force = "valid" if found.close.reopened_at is None else "replaced"
    status = in_force if await is_genuine(found) else "altered"
    return Proof(
        found.id, number_of(found), Text.model_validate(found.title), Text.model_validate(content["body"]["name"]),
        found.digest, found.key, content["totals"], found.made_at, status,
    )  # fmt: skip


async def is_genuine(found: Statement) -> bool:
    """Whether text, digest and signature still belong together, under a key of ours."""
    key = await StatementKey.get_or_none(id=found.key)
    return (
        key is not None
        and digest_of(found.content) == found.digest
        and holds(found.content, key=found.key, signature=found.signature, public=key.public)
    )


def number_of(statement: Statement) -> str:
    """`20261120-JJ-1`: day, body, close."""
    return f"{statement.day:%Y%m%d}-{statement.department_code}-{json.loads(statement.content)['close']}"


async def statement(id_: UUID) -> Statement:
    """Raises NotFound."""
    found = await Statement.get_or_none(id=id_).select_related("close")
    if found is None:
        raise NotFound
    return found


def jws(found: Statement) -> str:
    """The statement as a compact JWS: text and signature in one."""
    return compact(found.content, key=found.key, signature=found.signature)


def verify_url(found: Statement) -> str:
    return f"{current(PaymentSettings).public_url.rstrip('/')}/verify/{found.verify_code}"


async def pdf(found: Statement) -> bytes:
    """The paper (PDF/A), with a QR code that leads to the check of its signature."""
    content, url = json.loads(found.content), verify_url(found)
    amounts = ("opening_fen", "received_fen", "returned_fen", "handed_fen", "closing_fen")

    def in_yuan(figures: dict[str, Any]) -> dict[str, Any]:
        return {k.removesuffix("_fen"): yuan_text(v) if k in amounts else v for k, v in figures.items()}

    values = {
        "number": number_of(found), "title": found.title, "day": content["day"], "zone": content["time_zone"],
        "since": content["since"], "until": content["until"], "body": content["body"], "close": content["close"],
        "items": [in_yuan(item) for item in content["items"]], "totals": in_yuan(content["totals"]),
        "sources": [in_yuan(source) for source in content["sources"]],
        "runs": content["runs"], "entries": content["entries"],
        "entries_sha256": content["entries_sha256"], "digest": found.digest, "key": found.key,
        "signature": found.signature, "url": url, "qr": documents.qr_svg(url), "issuer": issuer(),
        "replaced": found.close.reopened_at is not None, "demo": current(PaymentSettings).demo,
    }  # fmt: skip
    return await documents.typeset(TEMPLATE, values, at=found.made_at.replace(microsecond=0))


def issuer() -> str:
    return current(PaymentSettings).receipt_issuer
