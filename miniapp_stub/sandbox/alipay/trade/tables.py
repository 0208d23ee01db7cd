"""Where trades, refunds and movements of the balance account are kept, and what a seller is issued once."""

from miniapp_stub.sandbox.issuing import digits
from miniapp_stub.sandbox.store import Store

TABLES = (
    (
        "CREATE TABLE IF NOT EXISTS alipay_trades (out_trade_no TEXT PRIMARY KEY, trade_no TEXT NOT NULL UNIQUE, "
        "method TEXT NOT NULL, content TEXT NOT NULL, subject TEXT NOT NULL, "
        "total_fen INTEGER NOT NULL CHECK (total_fen > 0), passback TEXT NOT NULL, notify_url TEXT NOT NULL, "
        "qr_code TEXT UNIQUE, openid TEXT, calls INTEGER NOT NULL DEFAULT 1, created_at REAL NOT NULL, "
        "expires_at REAL NOT NULL, begun_at REAL, closed_at REAL, paid_at REAL, coupon_fen INTEGER NOT NULL DEFAULT 0, "
        "fee_fen INTEGER NOT NULL DEFAULT 0, CHECK (closed_at IS NULL OR paid_at IS NULL), "
        "CHECK (paid_at IS NULL OR (begun_at IS NOT NULL AND openid IS NOT NULL))) STRICT"
    ),
    "CREATE INDEX IF NOT EXISTS alipay_trades_paid ON alipay_trades (paid_at)",
    (
        "CREATE TABLE IF NOT EXISTS alipay_refunds (out_trade_no TEXT NOT NULL REFERENCES alipay_trades, "
        "out_request_no TEXT NOT NULL, reason TEXT NOT NULL, status TEXT NOT NULL, "
        "refund_fen INTEGER NOT NULL CHECK (refund_fen > 0), payer_fen INTEGER NOT NULL, "
        "fee_back_fen INTEGER NOT NULL, created_at REAL NOT NULL, done_at REAL, "
        "PRIMARY KEY (out_trade_no, out_request_no)) STRICT"
    ),
    (
        "CREATE TABLE IF NOT EXISTS alipay_flows (id INTEGER PRIMARY KEY, at REAL NOT NULL, flow_no TEXT NOT NULL, "
        "trade_no TEXT NOT NULL, out_trade_no TEXT NOT NULL, subject TEXT NOT NULL, other_side TEXT NOT NULL, "
        "kind TEXT NOT NULL, amount_fen INTEGER NOT NULL, balance_fen INTEGER NOT NULL, remark TEXT NOT NULL) STRICT"
    ),
    "CREATE INDEX IF NOT EXISTS alipay_flows_at ON alipay_flows (at)",
)


def found(store: Store) -> None:
    """Make the tables, and issue the seller's number; what is there stays."""
    for statement in TABLES:
        store.run(statement)
    if not store.setting("alipay_seller_id", ""):
        store.keep("alipay_seller_id", f"2088{digits(12)}")


def settings_for_the_office(store: Store, *, base_url: str) -> dict[str, str]:
    """The seller's number, which every notice names and the office compares; and where bills are handed out."""
    return {"HANDHELD_ALIPAY_SELLER_ID": store.setting("alipay_seller_id"), "HANDHELD_ALIPAY_BILL_URL": base_url}
