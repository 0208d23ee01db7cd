"""An office with nothing in it but what paying needs, bills and orders for it, and what work there costs."""

import os
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from kit import clock, config, db
from kit.crypto import with_demo_keys
from mobileapi.settings import OfficeSettings, tables
from mobileapi.tables import migrate

V3_KEY, SERIAL, MERCHANT, APP = "0123456789abcdef0123456789ABCDEF", "PUB_KEY_ID_0000000001", "1900000001", "wx1"
DAY = date(2026, 1, 3)


@dataclass
class Spent:
    wall_s: float
    cpu_s: float  # this process and its database servers


class Meter:
    """CPU of this process, and of PostgreSQL's processes read from /proc."""

    def __init__(self, postmaster: int) -> None:
        self.postmaster = postmaster

    async def of(self, work: Callable[[], Awaitable[None]]) -> Spent:
        cpu, wall = self._cpu(), time.perf_counter()
        await work()
        return Spent(time.perf_counter() - wall, self._cpu() - cpu)

    def _cpu(self) -> float:
        ticks = 0
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                ticks += self._ticks(folder)
        return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")

    def _ticks(self, folder: Path) -> int:
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0
        ours = int(fields[1]) == self.postmaster or int(folder.name) == self.postmaster
        return int(fields[11]) + int(fields[12]) + int(fields[13]) + int(fields[14]) if ours else 0


def opened_up(folder: Path) -> Path:
    """The embedded server runs as another user when this one is root."""
    folder.chmod(0o755)
    return folder


def postmaster_of(folder: Path) -> int:
    return int((folder / "postmaster.pid").read_text().split()[0])


@asynccontextmanager
async def office() -> AsyncIterator[tuple[str, rsa.RSAPrivateKey, Meter]]:
    """A fresh database, settings with fresh keys, and the channel's private key."""
    platform, merchant = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = opened_up(Path(name))
        (folder / "merchant.pem").write_bytes(
            merchant.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        (folder / "platform.pem").write_bytes(
            platform.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )
        given: dict[str, Any] = {
            "data_dir": folder / "data", "wechat_app_id": APP, "wechatpay_mch_id": MERCHANT,
            "wechatpay_serial_no": "7A", "wechatpay_api_v3_key": V3_KEY,
            "wechatpay_private_key_file": folder / "merchant.pem",
            "wechatpay_platform_key_file": folder / "platform.pem", "wechatpay_platform_key_id": SERIAL,
            "log_level": "ERROR",
        }  # fmt: skip
        settings = with_demo_keys(OfficeSettings(_env_file=None, **given))
        config.install(settings)
        url = db.start_embedded(folder)
        postmaster = postmaster_of(folder / "postgres")
        await migrate(url)
        await db.open_database(tables(url))
        try:
            yield url, platform, Meter(postmaster)
        finally:
            await db.close_database()


async def seed(count: int, *, prefix: str) -> list[tuple[UUID, UUID, str]]:
    """Unpaid bills with a pending order each: (bill, order, order number)."""
    await db.execute(
        "INSERT INTO auth_region (code, name, level) VALUES ('440105000000', '{\"zh\": \"区\"}', 'district') "
        "ON CONFLICT DO NOTHING"
    )
    await db.execute(
        "INSERT INTO auth_department (code, name, region_code, credit_code, phone) "
        "VALUES ('JJ', '{\"zh\": \"大队\"}', '440105000000', '', '') ON CONFLICT DO NOTHING"
    )
    citizen, now = uuid4(), clock.now()
    await db.execute(
        "INSERT INTO auth_citizen (id, assurance, locale, elder_mode, created_at) "
        "VALUES ($1, 'phone', 'zh-CN', false, $2)",
        citizen, now,
    )  # fmt: skip
    made = [(uuid4(), uuid4(), f"{prefix}{n:020d}") for n in range(count)]
    bills, orders, numbers = zip(*made, strict=True)
    await db.execute(
        "INSERT INTO payments_bill (id, payment_code, kind, title, department_id, income_item_code, income_item_name, "
        "legal_basis, payer_name_sealed, principal_fen, due_on, surcharge_rule, stays, state, version, paid_fen, "
        "issued_at, digest) SELECT id, number, 'traffic_fine', '{}', 'JJ', '1', '{}', '{}', '\\x00', 12345, $3, '', "
        "'[]', 'unpaid', 1, 0, $4, '' FROM unnest($1::uuid[], $2::text[]) AS b(id, number)",
        list(bills), list(numbers), DAY, now,
    )  # fmt: skip
    await db.execute(
        "INSERT INTO payments_bill_line (id, bill_id, place, name, amount_fen, basis, explanation) "
        "SELECT gen_random_uuid(), id, 1, '{\"zh\": \"罚款\"}', 12345, '{}', '{}' FROM unnest($1::uuid[]) AS b(id)",
        list(bills),
    )
    await db.execute(
        "INSERT INTO payments_order (id, number, channel, scene, state, amount_fen, citizen_id, description, open_id, "
        "created_at, expires_at, checks, next_check_at) SELECT id, number, 'wechat', 'qr', 'awaiting_payer', 12345, "
        "$3, '-', '', $4, $4, 0, $4 FROM unnest($1::uuid[], $2::text[]) AS o(id, number)",
        list(orders), list(numbers), citizen, now,
    )  # fmt: skip
    await db.execute(
        "INSERT INTO payments_order_bill (id, order_id, bill_id, principal_fen, surcharge_fen, bill_version, holding) "
        "SELECT gen_random_uuid(), o, b, 12345, 0, 1, true FROM unnest($1::uuid[], $2::uuid[]) AS p(o, b)",
        list(orders),
        list(bills),
    )
    return made
