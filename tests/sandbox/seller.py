"""An Alipay seller made of nothing but the protocol: places trades, refunds them, reads the notices in its box."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from tests.sandbox.merchant import Letterbox, Notice, new_number
from tests.sandbox.mini_program import MiniProgram


@dataclass
class Seller(MiniProgram):
    """The money side of a mini program; its notices come to the box."""

    box: Letterbox

    def __post_init__(self) -> None:
        super().__post_init__()
        self.seller_id = self.sandbox.credentials["HANDHELD_ALIPAY_SELLER_ID"]

    def trade(self, method: str, content: dict[str, Any], **public: Any) -> dict[str, Any]:
        """Call `alipay.trade.{method}` (or a whole method's name) and return the checked answer."""
        name = method if method.startswith("alipay.") else f"alipay.trade.{method}"
        kept = {field: value for field, value in content.items() if value is not None}
        moment = (datetime.now(UTC) + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")
        public = {"method": name, "grant_type": None, "timestamp": moment} | public
        answer = self.post(biz_content=json.dumps(kept, ensure_ascii=False), **public)
        assert set(answer.json()) == {f"{name.replace('.', '_')}_response", "sign"}
        return self.opened(answer)

    def create(self, **changes: Any) -> dict[str, Any]:
        content = {
            "out_trade_no": new_number(), "total_amount": "123.45", "subject": "行政缴款",
            "product_code": "JSAPI_PAY", "op_app_id": self.app_id, "buyer_open_id": self.person(),
        }  # fmt: skip
        return self.trade("create", content | changes, notify_url=self.box.url)

    def precreate(self, **changes: Any) -> dict[str, Any]:
        content = {"out_trade_no": new_number(), "total_amount": "123.45", "subject": "学费"}
        return self.trade("precreate", content | changes, notify_url=self.box.url)

    def paid(self, *, amount: str = "123.45", **pay: Any) -> str:
        """Place and pay a trade; returns the seller's number. The notice lies in the box."""
        placed = self.create(total_amount=amount)
        self.sandbox.control("/pay", {"trade_no": placed["trade_no"]} | pay)
        return str(placed["out_trade_no"])

    def query(self, number: str) -> dict[str, Any]:
        return self.trade("query", {"out_trade_no": number})

    def refund(self, number: str, amount: str, **changes: Any) -> dict[str, Any]:
        content = {"out_trade_no": number, "refund_amount": amount, "out_request_no": new_number("RF")}
        return self.trade("refund", content | changes)

    def read(self, notice: Notice) -> dict[str, str]:
        """The fields of a notice, its signature checked."""
        fields = dict(parse_qsl(notice.body.decode(), strict_parsing=True))
        assert self.signed(fields)
        return fields

    def signed(self, fields: dict[str, str]) -> bool:
        text = "&".join(f"{name}={fields[name]}" for name in sorted(fields) if name not in ("sign", "sign_type"))
        return self.verifies(text.encode(), fields["sign"])


def refusal(answer: dict[str, Any]) -> tuple[str, str]:
    assert set(answer) == {"code", "msg", "sub_code", "sub_msg"}
    return answer["code"], answer["sub_code"]
