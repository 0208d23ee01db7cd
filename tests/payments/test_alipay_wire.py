"""Requests, answers and notices of Alipay against published vectors, and against everything that only looks like them."""

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from prometheus_client import REGISTRY

from auth.platforms import rsa2
from kit import config
from kit.config import BadConfiguration
from mobileapi.settings import OfficeSettings
from payments.channels import alipay_wire as wire
from payments.channels.alipay import Alipay
from payments.channels.base import (
    ChannelError,
    ChannelRefused,
    ChannelUnknown,
    NoStatement,
    NoSuchThing,
    NotAuthentic,
    NotEnoughMoney,
    OrderNews,
    OutOfOrder,
    PaymentFact,
    Standing,
    Unintelligible,
)
from tests.payments.keys import key, private_pem, public_pem

APP, SELLER = "2021000000000001", "2088000000000001"
OPEN_ID = "074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5"
REQUEST = (
    'app_id=2021000000000001&biz_content={"out_trade_no":"GOV202601020001","total_amount":"123.45",'
    '"subject":"行政缴款","product_code":"JSAPI_PAY","op_app_id":"2021000000000001",'
    f'"buyer_open_id":"{OPEN_ID}"}}&charset=utf-8&format=JSON&method=alipay.trade.create'
    "&notify_url=https://gov.example.cn/pay/ali/notify&sign_type=RSA2&timestamp=2026-01-02 08:00:00&version=1.0"
)  # fmt: skip
REQUEST_SIGN = (
    "ua0kC8YFSlUkBiLw4QRMJDUXhwgsUInx1uKvJgslJxm3SxDx/Xq4IJmJtW652KZ4VpqvpNsnKuG3qlKjpxknDC3RyCW/WL97CPlJhVob8jBrMdcl"
    "9Nj/Wi+C48ycIvwxhTKHl/RPXEuMd03AbwKLGjzZIwnKi57NR30QqmsCClKMMEzWP0Ztg+zFmDa6A0OM27YVwkJyE1w2TVd9O2juxDOSvq5Dn3iY"
    "lmqKq5WZLR4GRqTnEMWgPuzyYnIhvF6jyGDP+TI78jDJpfmxZbjna2HgQLWf8w70v2Svo5rAkPC+v0oAVdaUQrLQE3kRs8jhjfbpfxMA/xPLtD9O"
    "m7kD0w=="
)
ANSWER = '{"code":"10000","msg":"Success","out_trade_no":"GOV202601020001","trade_no":"2026010222001400000000000001"}'
ANSWER_SIGN = (
    "bZ/MR/VF1iT/Hrj0W/7IJrHx+PlcOOPQg4EO/nN8GDI8o2uidrg55iTVZaf7Ac/yN/FMr4p5zZjTQJuMrNFiLcOdFiFCtictQ4SKJSQSQJsQtjsY"
    "f4MAmHxRPHUJ4BMN7vunFpt9g7QNTK4VeMygMvJ2hnogOYfnxt3J4BTu06dCwEiW/NyH4CgvxpE+QN580Lo56v76wqYam9aelN9BeWXFzglvl1M9"
    "/9xabKE3gPrOES5nyY2FKm7c+NU6EguU9YHJyFCF1Ak68O0GVftVTrjgbUHj84Z8SWV3VzQB8YHWkw6LhsuF0z4UD8X0oqwFSqBXA8Hs2QnPGTrv"
    "yu/yQw=="
)
NOTICE_SIGN = (
    "Va0jPTZHYwb3V47A+xFrGkcHmBdmO7thqGzyU2QzxWYt1gzn8nn7qFSOmHGACfCox57wZoNFcvciDLPlB9CeAg/o5/mkGG8QxB6PX2yNlz0PU7uE"
    "4YECU6/HyDdtdNdCh9HnTPjFVASqtXdJiQgV3Fj23Td3KZVlSHzL9ejYXB2PDZtf6tvGaSu0fvgrxywhaQPfB+Sy1aj7yLK/LS5TJxQQZUgR6JK+"
    "UtcmNgbnUWx2+EQ7MvSyUBj9YZsd7w+VetMYiKAPBaqsK+zgEImxOeNdiTT9N5VGfTckzxqd43rNC8VEg7xuyjtJ1VH1lfAUN8I8vKabWvyP7BvZ"
    "Iy3rtg=="
)
FIELDS = {
    "notify_time": "2026-01-02 08:00:06", "notify_type": "trade_status_sync",
    "notify_id": "2026010200222080005000000000000001", "app_id": APP, "charset": "utf-8", "version": "1.0",
    "sign_type": "RSA2", "trade_no": "2026010222001400000000000001", "out_trade_no": "GOV202601020001",
    "buyer_open_id": OPEN_ID, "seller_id": SELLER, "trade_status": "TRADE_SUCCESS", "total_amount": "123.45",
    "receipt_amount": "123.45", "subject": "行政缴款", "gmt_payment": "2026-01-02 08:00:05",
}  # fmt: skip
THEIRS = (key("platform").public_key(),)


@pytest.fixture
def alipay(tmp_path: Path) -> Alipay:
    (tmp_path / "own.pem").write_bytes(private_pem("merchant"))
    (tmp_path / "theirs.pem").write_bytes(public_pem("platform"))
    settings = OfficeSettings(
        _env_file=None, data_dir=tmp_path, alipay_app_id=APP, alipay_seller_id=SELLER,
        alipay_private_key_file=tmp_path / "own.pem", alipay_public_key_file=tmp_path / "theirs.pem",
    )  # fmt: skip
    config.install(settings)
    return Alipay(settings)


def signed(
    fields: Mapping[str, str], *, signer: str = "platform", charset: str = "utf-8", typed: bool = False
) -> bytes:
    """A notice as Alipay writes it: signed without `sign_type` among the fields, or with."""
    covered = {name: value for name, value in fields.items() if value and (typed or name != "sign_type")}
    text = "&".join(f"{name}={covered[name]}" for name in sorted(covered)).encode(charset)
    sign = base64.b64encode(key(signer).sign(text, PKCS1v15(), SHA256())).decode()
    return urlencode({**fields, "sign": sign}, encoding=charset).encode()


def form(fields: Mapping[str, str]) -> bytes:
    return urlencode(fields).encode()


def test_a_request_is_signed_as_the_vector(alipay: Alipay) -> None:
    assert hashlib.sha256(REQUEST.encode()).hexdigest() == (
        "f78038cea2aaea81710973ba2e3dedc3512f25b62de6f8f1b0d5d2e446248e65"
    )
    content = {
        "out_trade_no": "GOV202601020001", "total_amount": "123.45", "subject": "行政缴款",
        "product_code": "JSAPI_PAY", "op_app_id": APP, "buyer_open_id": OPEN_ID,
    }  # fmt: skip
    made = alipay.signed_form(
        "alipay.trade.create", content, notify_url="https://gov.example.cn/pay/ali/notify", at="2026-01-02 08:00:00"
    )
    assert rsa2.text_to_sign(made) == REQUEST
    assert made["sign"] == REQUEST_SIGN


def test_an_answer_is_proven_as_the_vector_and_by_its_very_bytes() -> None:
    method = "alipay.trade.create"
    body = f'{{"alipay_trade_create_response":{ANSWER},"sign":"{ANSWER_SIGN}"}}'.encode()
    said = wire.proven_content(body, method=method, keys=THEIRS)
    assert said["trade_no"] == "2026010222001400000000000001"
    for other in (
        body.replace(b'"code":"10000"', b'"code": "10000"'),
        body.replace(b'0001","trade', b'0002","trade'),
        body.replace(b"alipay_trade_create", b"alipay_trade_query"),
        body.replace(ANSWER_SIGN.encode(), b""),
        b"{}",
        b"\xff",
        b"[" * 100_000,
    ):
        with pytest.raises(ChannelUnknown) as caught:
            wire.proven_content(other, method=method, keys=THEIRS)
        assert caught.value.maybe_done


def answer(method: str, content: str, *, signer: str = "platform") -> bytes:
    sign = base64.b64encode(key(signer).sign(content.encode(), PKCS1v15(), SHA256())).decode()
    return f'{{"{method.replace(".", "_")}_response":{content},"sign":"{sign}"}}'.encode()


def test_a_refusal_counts_only_when_it_is_signed() -> None:
    content, method = '{"code":"40004","sub_code":"ACQ.TRADE_NOT_EXIST"}', "alipay.trade.query"
    assert wire.proven_content(answer(method, content), method=method, keys=THEIRS)["code"] == "40004"
    for body in (
        f'{{"alipay_trade_query_response":{content}}}'.encode(),
        f'{{"error_response":{content}}}'.encode(),
        answer(method, content, signer="merchant"),
    ):
        with pytest.raises(ChannelUnknown):
            wire.proven_content(body, method=method, keys=THEIRS)


def test_an_answer_that_says_an_amount_twice_says_none() -> None:
    content = '{"code":"10000","total_amount":"1.00","total_amount":"100.00"}'
    with pytest.raises(ChannelUnknown):
        wire.proven_content(answer("a.b", content), method="a.b", keys=THEIRS)


def test_a_notice_is_proven_as_the_vector() -> None:
    covered = {name: value for name, value in FIELDS.items() if name != "sign_type"}
    text = "&".join(f"{name}={covered[name]}" for name in sorted(covered))
    assert hashlib.sha256(text.encode()).hexdigest() == (
        "98db00ee97346208488b38308b634f76b0da527f102bb82ca796c750976a9d59"
    )
    read = wire.NoticeForm(form(FIELDS | {"sign": NOTICE_SIGN}))
    assert read.signed_bytes(with_sign_type=False).decode() == text
    read.prove(THEIRS)


@pytest.mark.anyio
async def test_a_notice_says_what_was_paid(alipay: Alipay) -> None:
    envelope = await alipay.authentic({}, form(FIELDS | {"sign": NOTICE_SIGN}))
    assert (envelope.sender_id, envelope.event) == (FIELDS["notify_id"], "trade_status_sync:TRADE_SUCCESS")
    fact = alipay.opened(envelope.content)
    assert isinstance(fact, PaymentFact)
    assert (fact.standing, fact.number, fact.amount_fen) == (Standing.PAID, "GOV202601020001", 12345)
    assert (fact.merchant, fact.app, fact.currency) == (SELLER, APP, "CNY")
    assert fact.transaction_id == "2026010222001400000000000001"
    assert fact.paid_at is not None
    assert fact.paid_at.isoformat() == "2026-01-02T00:00:05+00:00"


@pytest.mark.parametrize(
    "body",
    [
        signed(FIELDS),
        signed(FIELDS, typed=True),
        signed(FIELDS | {"passback_params": "", "body": ""}),
        signed(dict(reversed(FIELDS.items()))),
        signed(FIELDS | {"subject": "a b+c=d&e%20f"}),
    ],
    ids=["without", "with", "empty", "order", "escapes"],
)
def test_one_rule_takes_every_way_alipay_signs(body: bytes) -> None:
    wire.NoticeForm(body).prove(THEIRS)


@pytest.mark.parametrize(
    "body",
    [
        form(FIELDS | {"sign": NOTICE_SIGN, "total_amount": "1.00"}),
        form(FIELDS | {"sign": NOTICE_SIGN, "extra": "1"}),
        form({name: value for name, value in FIELDS.items() if name != "seller_id"} | {"sign": NOTICE_SIGN}),
        form(FIELDS),
        form(FIELDS | {"sign": ""}),
        form(FIELDS | {"sign": "!!!"}),
        form(FIELDS | {"sign": "é"}),
        form(FIELDS | {"sign": "A" * 1_000_000}),
        form(FIELDS | {"sign": NOTICE_SIGN, "sign_type": "RSA"}),
        form(FIELDS | {"sign": NOTICE_SIGN, "sign_type": ""}),
        signed(FIELDS, signer="merchant"),
    ],
)
def test_a_forged_notice_is_refused(body: bytes) -> None:
    with pytest.raises(NotAuthentic):
        wire.NoticeForm(body).prove(THEIRS)


@pytest.mark.parametrize(
    "body",
    [
        signed(FIELDS) + b"&total_amount=1.00",
        b"total_amount=1.00&" + signed(FIELDS),
        b"",
        b"&",
        b"a",
        b"=1",
        b"a=%zz",
        b"a=%e",
        b"a=1;b=2&" + b"c\xff=1",
        b"&".join(b"f%d=1" % n for n in range(101)),
        b'{"a":1}',
    ],
)
def test_what_is_no_form_of_single_fields_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unintelligible):
        wire.NoticeForm(body)


@pytest.mark.anyio
async def test_a_notice_in_gbk_is_read_rightly_and_one_that_lies_about_it_not_at_all(alipay: Alipay) -> None:
    said = FIELDS | {"charset": "GBK"}
    body = signed(said, charset="gbk")
    assert (await alipay.authentic({}, body)).sender_id == FIELDS["notify_id"]
    assert wire.NoticeForm(body).texts()["subject"] == "行政缴款"
    lying = signed(FIELDS, charset="gbk")
    wire.NoticeForm(lying).prove(THEIRS)
    for bad in (lying, signed(FIELDS | {"charset": "utf-16"}), signed(FIELDS | {"notify_id": ""})):
        with pytest.raises(Unintelligible):
            await alipay.authentic({}, bad)


@pytest.mark.parametrize(
    ("changes", "refund"),
    [
        ({"refund_fee": "23.45", "gmt_refund": "2026-01-02 09:00:00.123", "out_biz_no": "HHR1"}, "HHR1"),
        ({"refund_fee": "123.45", "trade_status": "TRADE_CLOSED", "gmt_refund": "2026-01-02 09:00:00"}, ""),
        ({"trade_status": "TRADE_CLOSED"}, ""),
        ({"trade_status": "WAIT_BUYER_PAY"}, ""),
    ],
)
def test_what_tells_of_no_payment_is_news_to_ask_about(alipay: Alipay, changes: dict[str, str], refund: str) -> None:
    assert alipay.opened(form(FIELDS | changes)) == OrderNews("alipay", "GOV202601020001", refund)
    for foreign in ({"seller_id": "2088000000000002"}, {"app_id": "2021000000000002"}):
        with pytest.raises(Unintelligible):
            alipay.opened(form(FIELDS | changes | foreign))


@pytest.mark.parametrize(
    "changes",
    [
        {"total_amount": "123.456"},
        {"total_amount": "-123.45"},
        {"total_amount": "1e5"},
        {"total_amount": "١٢٣.٤٥"},
        {"total_amount": ""},
        {"gmt_payment": ""},
        {"gmt_payment": "yesterday"},
        {"trade_no": ""},
        {"out_trade_no": ""},
    ],
)
def test_a_payment_without_amount_time_or_number_is_none(alipay: Alipay, changes: dict[str, str]) -> None:
    with pytest.raises(Unintelligible):
        alipay.opened(form(FIELDS | changes))


def test_amounts_are_fen_exactly() -> None:
    read = {text: wire.fen(text) for text in ("0.01", "0.1", "123", "123.45", "100000000.00", "0.00")}
    assert read == {
        "0.01": 1, "0.1": 10, "123": 12300, "123.45": 12345, "100000000.00": 10_000_000_000, "0.00": 0,
    }  # fmt: skip
    assert [wire.fen(value) for value in ("", " 1", "1.", ".5", "1,000.00", 1.5, None, "0x1", "NaN")] == [None] * 9


@pytest.mark.anyio
async def test_both_keys_prove_while_alipays_key_changes(alipay: Alipay, tmp_path: Path) -> None:
    (tmp_path / "former.pem").write_bytes(public_pem("merchant"))
    changed = config.current(OfficeSettings).model_copy(
        update={"alipay_former_public_key_file": tmp_path / "former.pem"}
    )
    config.install(changed)
    both = Alipay(changed)
    for signer in ("platform", "merchant"):
        assert (await both.authentic({}, signed(FIELDS, signer=signer))).sender_id == FIELDS["notify_id"]
    with pytest.raises(NotAuthentic):
        await alipay.authentic({}, signed(FIELDS, signer="merchant"))


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("alipay_private_key_file", "HANDHELD_ALIPAY_PRIVATE_KEY_FILE"),
        ("alipay_public_key_file", "HANDHELD_ALIPAY_PUBLIC_KEY_FILE"),
    ],
)
def test_a_missing_key_names_the_setting(alipay: Alipay, name: str, setting: str) -> None:
    without = config.current(OfficeSettings).model_copy(update={name: None})
    config.install(without)
    with pytest.raises(BadConfiguration, match=setting):
        Alipay(without)


def test_what_the_mini_program_takes_has_a_capital_no(alipay: Alipay) -> None:
    assert alipay.client_parameters({"trade_no": "1", "made_at": "x"}) == {"tradeNO": "1"}
    assert alipay.client_parameters({"code_url": "https://qr.alipay.com/1"}) == {"code_url": "https://qr.alipay.com/1"}


def test_the_form_is_encoded_once() -> None:
    body = b"subject=" + quote("缴款 100%", safe="").encode() + b"&a=1+2"
    assert wire.NoticeForm(body).texts() == {"subject": "缴款 100%", "a": "1 2"}
    assert json.loads(ANSWER)["code"] == rsa2.SUCCESS


@pytest.mark.parametrize(
    ("code", "sub_code", "kind", "maybe_done"),
    [
        ("40004", "ACQ.TRADE_NOT_EXIST", NoSuchThing, None),
        ("40004", "ACQ.TRADE_HAS_SUCCESS", OutOfOrder, None),
        ("40004", "ACQ.TRADE_STATUS_ERROR", OutOfOrder, None),
        ("40004", "ACQ.CONTEXT_INCONSISTENT", OutOfOrder, None),
        ("40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH", NotEnoughMoney, None),
        ("40004", "isp.bill_not_exist", NoStatement, None),
        ("40004", "BILL_NOT_EXIST", NoStatement, None),
        ("40004", "ACQ.INVALID_PARAMETER", ChannelRefused, None),
        ("40002", "isv.invalid-signature", ChannelRefused, None),
        ("40004", "ACQ.SYSTEM_ERROR", ChannelUnknown, True),
        ("40004", "aop.ACQ.SYSTEM_ERROR", ChannelUnknown, True),
        ("20000", "isp.unknow-error", ChannelUnknown, True),
        ("20000", None, ChannelUnknown, True),
        ("10003", None, ChannelUnknown, True),
        (None, None, ChannelUnknown, True),
        ("40006", "isv.app-call-limited", ChannelUnknown, False),
        ("40002", "isv.invalid-timestamp", ChannelUnknown, False),
    ],
)
def test_every_code_means_one_thing(
    alipay: Alipay, code: str | None, sub_code: str | None, kind: type[ChannelError], maybe_done: bool | None
) -> None:
    error = alipay._error({"code": code, "sub_code": sub_code})
    assert type(error) is kind
    assert getattr(error, "maybe_done", None) is maybe_done
    assert alipay._line.breaker.is_open is (sub_code == "isv.app-call-limited")


def test_a_request_alipay_finds_too_old_is_an_alarm_about_our_clock(alipay: Alipay) -> None:
    alipay._error({"code": "40002", "sub_code": "isv.invalid-timestamp"})
    seen = REGISTRY.get_sample_value("handheld_channel_clock_skew_seconds", {"channel": "alipay"})
    assert seen is not None
    assert seen >= 300
