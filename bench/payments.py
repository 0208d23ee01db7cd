"""
How dear are truth and safety? Notices settled and a day reconciled, each against its floor in the same run.

    python -m bench.payments [--notices 600] [--rows 50000] [--rounds 3]

A notice: proven, stored, opened, settled, posted to the ledger, receipted and audited, against one bare transaction
that writes the same rows, and against the cryptography alone: one signature proven, one resource opened. A day: the
file kept, hash, totals, bad rows, classified differences written, against COPY and a FULL JOIN. Exits 1 when a ratio is
over its bound.
"""

import argparse
import asyncio
import base64
import json
import sys
import time
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import asyncpg
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from bench.cashdesk import APP, MERCHANT, SERIAL, V3_KEY, Meter, office, seed
from bench.days import bench_day
from kit import db
from payments import notices

NOTICE_BOUND = 2.5
AT_ONCE = 8


def signed_notice(key: rsa.RSAPrivateKey, number: str) -> tuple[dict[str, str], bytes]:
    clear = {
        "mchid": MERCHANT, "appid": APP, "out_trade_no": number, "transaction_id": f"T{number}",
        "trade_state": "SUCCESS", "success_time": "2026-01-02T08:00:05+08:00",
        "amount": {"total": 12345, "currency": "CNY"},
    }  # fmt: skip
    sealed = AESGCM(V3_KEY.encode()).encrypt(b"abcdefghijkl", json.dumps(clear).encode(), b"transaction")
    body = json.dumps(
        {
            "id": f"EV-{number}", "event_type": "TRANSACTION.SUCCESS", "resource": {
                "algorithm": "AEAD_AES_256_GCM", "associated_data": "transaction", "nonce": "abcdefghijkl",
                "ciphertext": base64.b64encode(sealed).decode(),
            },
        }
    ).encode()  # fmt: skip
    stamp = str(int(time.time()))
    signature = key.sign(f"{stamp}\nn\n".encode() + body + b"\n", padding.PKCS1v15(), SHA256())
    return {
        "wechatpay-serial": SERIAL, "wechatpay-timestamp": stamp, "wechatpay-nonce": "n",
        "wechatpay-signature": base64.b64encode(signature).decode(),
    }, body  # fmt: skip


async def at_once(work: list[Callable[[], Awaitable[None]]]) -> None:
    waiting = iter(work)

    async def hand() -> None:
        for one in waiting:
            await one()

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(hand())


BARE = (
    (
        """INSERT INTO payments_notice (id, channel, sender_id, event, content, state, deliveries, received_at,
        settled_at) VALUES (gen_random_uuid(), 'wechat', $1, 'TRANSACTION.SUCCESS', $2, 'settled', 1, now(), now())""",
        "sender content",
    ),
    ("SELECT 1 FROM payments_bill WHERE id = $1 FOR UPDATE", "bill"),
    ("SELECT 1 FROM payments_order WHERE id = $1 FOR UPDATE", "order"),
    (
        """INSERT INTO payments_payment (id, channel, transaction_id, order_id, number, amount_fen, outcome, paid_at,
        learned_at, learned_by)
        VALUES (gen_random_uuid(), 'wechat', $2, $1, $2, 12345, 'settled', now(), now(), 'notice')""",
        "order sender",
    ),
    (
        """UPDATE payments_order SET state = 'paid', transaction_id = 'x', paid_at = now(), next_check_at = NULL
        WHERE id = $1""",
        "order",
    ),
    (
        """INSERT INTO payments_order_change (id, order_id, at, from_state, to_state, who, why)
        VALUES (gen_random_uuid(), $1, now(), 'awaiting_payer', 'paid', 'channel:wechat', 'paid')""",
        "order",
    ),
    ("UPDATE payments_bill SET state = 'paid', paid_fen = 12345, paid_at = now() WHERE id = $1", "bill"),
    (
        """INSERT INTO payments_receipt (id, code, number, check_code, verify_code, bill_id, order_id, amount_fen,
        lines, issuer, status, issued_at)
        VALUES (gen_random_uuid(), '1', nextval('payments_receipt_number')::text, 'x', $3, $1, $2, 12345,
        '[]', 'x', 'issued', now())""",
        "bill order verify",
    ),
    (
        """INSERT INTO payments_ledger_entry (id, at, kind, reference)
        VALUES ($1, now(), 'payment', gen_random_uuid()::text)""",
        "entry",
    ),
    (
        """INSERT INTO payments_posting (id, entry_id, account, amount_fen) SELECT gen_random_uuid(), $1, a, f
        FROM unnest('{channel:wechat,income:JJ:1}'::text[], '{12345,-12345}'::bigint[]) p(a, f)""",
        "entry",
    ),
    ("SELECT pg_advisory_xact_lock(1)", ""),
    (
        """INSERT INTO kit_audit (seq, at, actor, action, subject, detail, request_id, previous, digest)
        SELECT coalesce(max(seq), 0) + 1, now(), 'system', 'payment.settled', 'x', '{}', '', '', '' FROM kit_audit""",
        "",
    ),
)


async def bare_transactions(url: str, made: list[tuple[UUID, UUID, str]], *, content: bytes) -> None:
    """The rows of a settled notice, written by hand."""
    async with asyncpg.create_pool(min_size=AT_ONCE, max_size=AT_ONCE, **db.credentials(url)) as pool:

        async def one(bill: UUID, order: UUID, number: str) -> None:
            values = {
                "bill": bill, "order": order, "entry": uuid4(), "sender": number, "content": content,
                "verify": uuid4().hex,
            }  # fmt: skip
            async with pool.acquire() as connection, connection.transaction():
                for statement, names in BARE:
                    await connection.execute(statement, *(values[name] for name in names.split()))

        await at_once([lambda row=row: one(*row) for row in made])  # type: ignore[misc]


async def proven(key: rsa.RSAPrivateKey, letters: list[tuple[dict[str, str], bytes]]) -> None:
    """The cryptography of a notice and nothing else."""
    public, cipher = key.public_key(), AESGCM(V3_KEY.encode())
    for headers, body in letters:
        text = f"{headers['wechatpay-timestamp']}\n{headers['wechatpay-nonce']}\n".encode() + body + b"\n"
        public.verify(base64.b64decode(headers["wechatpay-signature"]), text, padding.PKCS1v15(), SHA256())
        sealed = json.loads(body)["resource"]
        cipher.decrypt(sealed["nonce"].encode(), base64.b64decode(sealed["ciphertext"]), b"transaction")


async def bench_notices(url: str, key: rsa.RSAPrivateKey, meter: Meter, *, count: int) -> bool:
    warm, bare, ours = await seed(50, prefix="HHW"), await seed(count, prefix="HHB"), await seed(count, prefix="HHN")

    async def settle_all(made: list[tuple[UUID, UUID, str]]) -> None:
        letters = [signed_notice(key, number) for _, _, number in made]
        await at_once([lambda h=h, b=b: notices.receive("wechat", h, content=b) for h, b in letters])  # type: ignore[misc]

    await settle_all(warm)
    content = signed_notice(key, "x")[1]
    floor = await meter.of(lambda: bare_transactions(url, bare, content=content))
    letters = [signed_notice(key, number) for _, _, number in ours]
    settled = await meter.of(
        lambda: at_once([lambda h=h, b=b: notices.receive("wechat", h, content=b) for h, b in letters])  # type: ignore[misc]
    )
    paid = await db.fetch_value("SELECT count(*) FROM payments_bill WHERE state = 'paid'")
    assert paid == 50 + 2 * count, "every notice settled its bill"
    ratio, proof = settled.cpu_s / floor.cpu_s, await meter.of(lambda: proven(key, letters))
    print(f"notices   settled {count / settled.wall_s:8.0f}/s   bare transaction {count / floor.wall_s:8.0f}/s   "
          f"CPU {settled.cpu_s / count * 1e6:6.0f} µs to {floor.cpu_s / count * 1e6:6.0f} µs   "
          f"ratio {ratio:.2f} (bound {NOTICE_BOUND})   cryptography {proof.cpu_s / count * 1e6:.0f} µs, "
          f"ratio to it {settled.cpu_s / proof.cpu_s:.1f}, "
          f"to both {settled.cpu_s / (floor.cpu_s + proof.cpu_s):.2f}")  # fmt: skip
    return ratio <= NOTICE_BOUND


async def main(arguments: argparse.Namespace) -> bool:
    async with office() as (url, key, meter):
        fast = arguments.notices == 0 or await bench_notices(url, key, meter, count=arguments.notices)
        return await bench_day(url, meter, count=arguments.rows, rounds=arguments.rounds) and fast


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notices", type=int, default=600)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    sys.exit(0 if asyncio.run(main(parser.parse_args())) else 1)
