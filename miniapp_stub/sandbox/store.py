"""The sandbox's memory: one SQLite file below the data folder, one connection, one thread (the event loop's).

Handlers touch it between awaits only, so a transaction is never interleaved with another call.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS people (
    openid TEXT PRIMARY KEY, platform TEXT NOT NULL, phone TEXT NOT NULL, high_risk INTEGER NOT NULL DEFAULT 0,
    session_key TEXT, created_at REAL NOT NULL, UNIQUE (platform, phone)) STRICT;
CREATE TABLE IF NOT EXISTS codes (
    code TEXT PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('login', 'phone')), openid TEXT NOT NULL,
    appid TEXT NOT NULL, issued_at REAL NOT NULL, used_at REAL) STRICT;
CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, family TEXT NOT NULL CHECK (family IN ('classic', 'stable')), issued_at REAL NOT NULL,
    renewable_at REAL NOT NULL, expires_at REAL NOT NULL, forced INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE IF NOT EXISTS alipay_tokens (
    refresh_token TEXT PRIMARY KEY, access_token TEXT NOT NULL UNIQUE, openid TEXT NOT NULL, issued_at REAL NOT NULL,
    refresh_ends_at REAL NOT NULL, used_at REAL) STRICT;
CREATE TABLE IF NOT EXISTS certificates (
    serial_no TEXT PRIMARY KEY, pem TEXT NOT NULL, private_pem TEXT NOT NULL, effective_at REAL NOT NULL,
    expires_at REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS orders (
    out_trade_no TEXT PRIMARY KEY, trade_type TEXT NOT NULL, body TEXT NOT NULL, description TEXT NOT NULL,
    total_fen INTEGER NOT NULL CHECK (total_fen > 0), attach TEXT NOT NULL, notify_url TEXT NOT NULL, openid TEXT,
    created_at REAL NOT NULL, expires_at REAL NOT NULL, closed_at REAL, prepay_calls INTEGER NOT NULL DEFAULT 0,
    transaction_id TEXT UNIQUE, paid_at REAL, coupon_fen INTEGER NOT NULL DEFAULT 0, fee_fen INTEGER NOT NULL DEFAULT 0,
    CHECK (closed_at IS NULL OR paid_at IS NULL), CHECK ((paid_at IS NULL) = (transaction_id IS NULL))) STRICT;
CREATE INDEX IF NOT EXISTS orders_paid ON orders (paid_at);
CREATE TABLE IF NOT EXISTS prepays (
    handle TEXT PRIMARY KEY, out_trade_no TEXT NOT NULL REFERENCES orders, expires_at REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS refunds (
    out_refund_no TEXT PRIMARY KEY, refund_id TEXT NOT NULL UNIQUE, out_trade_no TEXT NOT NULL REFERENCES orders,
    body TEXT NOT NULL, reason TEXT NOT NULL, notify_url TEXT NOT NULL, status TEXT NOT NULL,
    refund_fen INTEGER NOT NULL CHECK (refund_fen > 0), payer_fen INTEGER NOT NULL, fee_back_fen INTEGER NOT NULL,
    created_at REAL NOT NULL, due_at REAL NOT NULL, success_at REAL) STRICT;
CREATE INDEX IF NOT EXISTS refunds_order ON refunds (out_trade_no);
CREATE TABLE IF NOT EXISTS flows (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, business_no TEXT NOT NULL, flow_no TEXT NOT NULL, kind TEXT NOT NULL,
    amount_fen INTEGER NOT NULL, balance_fen INTEGER NOT NULL, remark TEXT NOT NULL, voucher TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS notices (
    id TEXT PRIMARY KEY, event_type TEXT NOT NULL, out_trade_no TEXT NOT NULL, out_refund_no TEXT, url TEXT NOT NULL,
    resource TEXT NOT NULL, created_at REAL NOT NULL, tries INTEGER NOT NULL DEFAULT 0, next_at REAL,
    held INTEGER NOT NULL DEFAULT 0, drawn TEXT, state TEXT NOT NULL DEFAULT 'pending') STRICT;
CREATE TABLE IF NOT EXISTS attempts (
    id INTEGER PRIMARY KEY, notice_id TEXT NOT NULL REFERENCES notices, n INTEGER NOT NULL, at REAL NOT NULL,
    faults TEXT NOT NULL, headers TEXT NOT NULL, body TEXT NOT NULL, status INTEGER, answer TEXT, error TEXT,
    took_ms INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS attempts_notice ON attempts (notice_id);
CREATE TABLE IF NOT EXISTS bills (
    day TEXT PRIMARY KEY, rows TEXT NOT NULL, flaws TEXT NOT NULL, injected TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS carried (day TEXT NOT NULL, from_day TEXT NOT NULL, row TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS texts (
    id INTEGER PRIMARY KEY, serial TEXT NOT NULL, phone TEXT NOT NULL, template TEXT NOT NULL, vals TEXT NOT NULL,
    at REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS registry (number TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS faces (
    token TEXT PRIMARY KEY, name TEXT NOT NULL, number TEXT NOT NULL, back_to TEXT NOT NULL, at REAL NOT NULL,
    passed INTEGER) STRICT;
CREATE TABLE IF NOT EXISTS companies (
    credit_code TEXT PRIMARY KEY, name TEXT NOT NULL, representative TEXT NOT NULL, id_number TEXT NOT NULL,
    state TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS registry_nonces (nonce TEXT PRIMARY KEY, at REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS downloads (token TEXT PRIMARY KEY, content BLOB NOT NULL, expires_at REAL NOT NULL) STRICT;
"""

Value = str | int | float | bytes | None


class Store:
    """Rows in, rows out; `transaction()` blocks nest by joining the outer one."""

    def __init__(self, file: Path) -> None:
        file.touch(mode=0o600, exist_ok=True)
        self._db = sqlite3.connect(file, isolation_level=None, check_same_thread=False, timeout=5)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.executescript(SCHEMA)
        self._depth = 0

    def one(self, sql: str, *values: Value) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, *values: Value) -> list[sqlite3.Row]:
        return self._db.execute(sql, values).fetchall()

    def run(self, sql: str, *values: Value) -> int:
        """Execute and return the number of rows touched."""
        return self._db.execute(sql, values).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self._depth:
            yield
            return
        self._db.execute("BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        else:
            self._db.execute("COMMIT")
        finally:
            self._depth -= 1

    def setting(self, name: str, default: str | None = None) -> str:
        """Read a setting; KeyError when it was never kept and no default is given."""
        row = self.one("SELECT value FROM settings WHERE name = ?", name)
        if row is not None:
            return str(row["value"])
        if default is None:
            raise KeyError(name)
        return default

    def keep(self, name: str, value: str) -> None:
        self.run(
            "INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value
        )

    def close(self) -> None:
        self._db.close()
