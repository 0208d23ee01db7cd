"""Signatures, sealing and the bill of WeChat Pay against published vectors."""

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from kit import config
from kit.config import BadConfiguration
from kit.outbound import Breaker, OutsideUnreachable
from mobileapi.settings import OfficeSettings
from payments.channels import wechatpay_wire as wire
from payments.channels.base import NotAuthentic, PaymentFact, Standing, Unintelligible
from payments.channels.line import wire_time
from payments.channels.wechatpay import WechatPay
from tests.payments.keys import fingerprint, key, private_pem, public_pem

V3_KEY = "0123456789abcdef0123456789ABCDEF"
NONCE = "593BEC0C930BF1AFEB40B4A08C8FB242"
ORDER = (
    '{"appid":"wx0000000000000001","mchid":"1900000001","description":"行政缴款","out_trade_no":"GOV202601020001",'
    '"notify_url":"https://gov.example.cn/pay/wx/notify","amount":{"total":12345,"currency":"CNY"},'
    '"payer":{"openid":"oTest00000000000000000000001"}}'
).encode()
POST_SIGNATURE = (
    "VjlwngCAVXQVAzHDkogXVE91PlVyltsS+Yl/nNYtMqCOTQBLTZmF+uEryaREEEvKiAKFJQvSkkyFOYWEEzqJHE344xmya/EhavJMzmINozRAt4UK"
    "MbwjVM2ooj2dCVU8oP3VCTvV451I97kqaJBcrYpXIWUIQ3ePPHZaIoN68Fs60G7eVwbc24lr73AnJF8h3jKYyX14S0vEClVgyvNNq7RZ7ZoCL4o1"
    "k7a+vT9IS8ukOJHOovOpchhqScCSJMiDBqc7UFyTGoUAtDfIZ6jXIv0Uli0h7Zqm3I9qdbQgpypxjGkGX4XjXJt20JQQkaKJHUcP0DJ4QMn0NVV1"
    "YXC8og=="
)
GET_SIGNATURE = (
    "sAcOB4WyDx3YmSt7rokjRJP/tJsoRko5XD8S4SxseGm7lDBUDVLvjBuxvx3nJ335Cr1HOnNj05kq/Qg/0ZMklmcRrpny8SU3Pd4tHcbqnF1gBoYA"
    "TVu7IRxKe7kiBEOP23iZpXJrP7mFXxziNNgy8rXX2lW+PR1nlU3tFGRPvT3wXkQ99Kfbd4CCDnjimi+V1q3uMZVYMnfoE3ETb7IkfyDs5V5Jw2jJ"
    "JJje9f/0xUhv2gOEA4kuHp51ejwjLTdvp2G7HgCINgxv9XfUQrtwrIMMQZrJ06jTb6iVJZisI91qJ2Qs+3jjFrSGbyfSWur3Gb9xGQXFgn/JaCc9"
    "dS41Yg=="
)
PAY_SIGN = (
    "RRuzad3PQvFuPC8GicbDy8zVoevg0iqBdBD943nZ/uungbmvQRjLKNT36daLvo8zaOcll2ZJ8Y/XM/crWNZ9dDjasddXwf87ZPJ2BYLGCqlYjUmG"
    "NW1lOtfyPGsoqVck7H2QuFKH0Ea72NAEEFS0dfgfaWZDzpxlB2AihBX5E2YeWfw0HVJqkkHJUdqs4GAFeNa9CNwSyK4mKpDE8f4VNzI7szdpscKd"
    "EvrYU58TIioUFzpdovEc4iFyQa6+dIfte8gQsXjLlvZBV+t6K49JkIyadZuW7LlWwJSDesimcIYkGfFRpbWj4nOXTuz00+OiGKjLbEGkQs56tqca"
    "9tfW/Q=="
)
NOTICE = (
    '{"id":"EV-2026010208000500001","create_time":"2026-01-02T08:00:05+08:00","resource_type":"encrypt-resource",'
    '"event_type":"TRANSACTION.SUCCESS","summary":"支付成功","resource":{"original_type":"transaction",'
    '"algorithm":"AEAD_AES_256_GCM","ciphertext":"bz1oFyUAiVgVNMtz8zHtRlnaCAc/7JM=","associated_data":"transaction",'
    '"nonce":"fdasflkja484"}}'
).encode()
NOTICE_SIGNATURE = (
    "YAYCY/aFOStm1W7jnsb2Yz6qr37kZhNcoEn4UAIdlrxkezEEn/H+O4dE9MP5wW5ZQKFFsTBWJ0lIulYi92ZirvQ8dFX19BA/zBOAsv5/YQTAaHlw"
    "CiADnH74/r0z35hGinH4wTGy55cShdK6f6y7bLFMJYIwPcT6dkZn1ROtfWF8ZgD2FD4VEJWmtFtMxkUUYIsx9izqJY/ONz2xMh6sIO6HGOBpkbUB"
    "KCnPvwX/zdBHwC5GCawkWiwMjtYso2kAdHoWNeunbHzOFRjTthVKhMyXYDm7CxeEWIlkAYJsRu3tDTwe5S3SZV90+i4bht2zfzXj0Lx8aiuE1RWQ"
    "PsRIxQ=="
)
SEALED = (
    "bz1kVndYkCFlgKSe7VZeuBxCb6jr2XsCUhw9dEHzO9M6s3oBzDj0ufBEnZenPKWRi0sbFiP7HsHKfJhCIMNmvF5niBEieQy3rQDjiZzlBeQXf5SS"
    "hSqKjHpBZKEQycZ/TAUVLeXBJLbL8bVl2iTx4iEJ5cIpQ5MpZtXELko2/ITeMRAjAKFTkYTIYbyKKIX0Uqr498RfTY8oyOWkaCzxXnZuG9KWW1bu"
    "vEBcYCsytsCwmRBNdYISSdU/+S1JElrN9q2uIU1thwCHW36Rk8sRzMEMS7KNB//Phqgeqabdda58Bi30d6MDmWMH0ybIqmfcZxrJn2czpjhhGXUt"
    "u25s26wjdbCGVI1rxuJ+APpfAJe5m8yiYYVU38/V1hpWZNfxJkU09WbAEDKSAbkalE4waZ8k9N7OHEYzFe/DLp0LMtfi2Xs7q35eRd7yu0al8Y2S"
    "fYvMH0nZkdGp6qrEF2YP6TX1zTsI6qM1d/tiQH5byVMOysVAlzcd+sgr7NMsD1X0oAVTpHMd0RFTjCL4U6hF4b8JbMGjC3PW+29FOdRgCr5n0mSV"
    "BV0dNp4DQXxp8H+b+otRbiey"
)


@pytest.fixture
def wechatpay(tmp_path: Path) -> WechatPay:
    (tmp_path / "merchant.pem").write_bytes(private_pem("merchant"))
    (tmp_path / "platform.pem").write_bytes(public_pem("platform"))
    settings = OfficeSettings(
        _env_file=None, data_dir=tmp_path, wechat_app_id="wx0000000000000001", wechatpay_mch_id="1900000001",
        wechatpay_serial_no="7A", wechatpay_private_key_file=tmp_path / "merchant.pem", wechatpay_api_v3_key=V3_KEY,
        wechatpay_platform_key_file=tmp_path / "platform.pem", wechatpay_platform_key_id="PUB_KEY_ID_0000000001",
    )  # fmt: skip
    config.install(settings)
    return WechatPay(settings)


def test_the_keys_are_the_ones_the_vectors_were_made_with() -> None:
    assert fingerprint("merchant") == "86a0f37c694b072537b3af1800edecc8482a91037ec35fd84b7c109b91dc5cf1"
    assert fingerprint("platform") == "b1f9dfa8682d7098b18517de5fee34946d89281269ca71a907efdab1e3dfd2c7"


@pytest.mark.parametrize(
    ("method", "target", "body", "digest", "signature"),
    [
        (
            "POST", "/v3/pay/transactions/jsapi", ORDER,
            "a38341f058bb74daeb0bd069390ffd67389235f1eaebe8caeb521a5f6e326abb", POST_SIGNATURE,
        ),
        (
            "GET", "/v3/bill/tradebill?bill_date=2026-01-01&bill_type=ALL", b"",
            "80d31195958c1add9128d44dea8b16c2a1eb375a916ee99b0283b665baa2df30", GET_SIGNATURE,
        ),
    ],
)  # fmt: skip
def test_a_request_is_signed_as_the_vector(method: str, target: str, body: bytes, digest: str, signature: str) -> None:
    assert hashlib.sha256(wire.lines(method, target, "1767312000", NONCE, body)).hexdigest() == digest
    credentials = wire.Credentials("1900000001", "7A", key("merchant"))
    header = credentials.authorization_at(1767312000, NONCE, method, target, body=body)
    assert header == (
        f'WECHATPAY2-SHA256-RSA2048 mchid="1900000001",nonce_str="{NONCE}",signature="{signature}",'
        'timestamp="1767312000",serial_no="7A"'
    )


def test_what_the_mini_program_takes_is_signed_as_the_vector(wechatpay: WechatPay) -> None:
    given = wechatpay.signed_parameters("wx02080000000000000000000000000001", 1767312000, NONCE)
    assert given == {
        "timeStamp": "1767312000", "nonceStr": NONCE, "package": "prepay_id=wx02080000000000000000000000000001",
        "signType": "RSA", "paySign": PAY_SIGN,
    }  # fmt: skip


def test_a_notice_is_proven_as_the_vector() -> None:
    signed = wire.lines("1767312006", "5K8264ILTKCH16CQ2502SI8ZNMTM67VS", NOTICE)
    assert hashlib.sha256(signed).hexdigest() == "8e02ca4bda33f4d8dd47dd5fcc21be8df1c43323d1438624adaf32ef756df5d6"
    assert wire.signature_holds(key("platform").public_key(), signed, NOTICE_SIGNATURE)
    assert not wire.signature_holds(key("merchant").public_key(), signed, NOTICE_SIGNATURE)
    assert not wire.signature_holds(key("platform").public_key(), signed[:-1], NOTICE_SIGNATURE)


def sealed(ciphertext: str, **changes: str) -> dict[str, str]:
    return {
        "algorithm": "AEAD_AES_256_GCM", "ciphertext": ciphertext, "associated_data": "transaction",
        "nonce": "fdasflkja484",
    } | changes  # fmt: skip


def test_sealed_resources_open_as_the_vectors(wechatpay: WechatPay) -> None:
    assert wire.open_sealed(sealed("bz1oFyUAiVgVNMtz8zHtRlnaCAc/7JM="), api_v3_key=V3_KEY.encode()) == b'{"a":1}'
    clear = wire.open_sealed(sealed(SEALED), api_v3_key=V3_KEY.encode())
    assert len(clear) == 422
    assert hashlib.sha256(clear).hexdigest() == "9d8477bb916d30e026c3dcc0f73dd9c922233e54038ac2aa1008996316743633"
    fact = wechatpay.opened(json.dumps({"event_type": "TRANSACTION.SUCCESS", "resource": sealed(SEALED)}).encode())
    assert isinstance(fact, PaymentFact)
    assert (fact.standing, fact.number, fact.amount_fen) == (Standing.PAID, "GOV202601020001", 12345)
    assert (fact.merchant, fact.app, fact.currency) == ("1900000001", "wx0000000000000001", "CNY")
    assert fact.paid_at is not None
    assert fact.paid_at.isoformat() == "2026-01-02T00:00:05+00:00"


@pytest.mark.parametrize(
    "change",
    [
        {"associated_data": "other"},
        {"associated_data": ""},
        {"nonce": "fdasflkja485"},
        {"nonce": ""},
        {"algorithm": "AES"},
        {"ciphertext": "bz1oFyUAiVgVNMtz8zHtRlnaCAc/7KM="},
        {"ciphertext": "!"},
        {"ciphertext": ""},
    ],
)
def test_a_damaged_seal_does_not_open(change: dict[str, str]) -> None:
    with pytest.raises(Unintelligible):
        wire.open_sealed(sealed("bz1oFyUAiVgVNMtz8zHtRlnaCAc/7JM=") | change, api_v3_key=V3_KEY.encode())


def headers(**changes: str) -> Mapping[str, str]:
    now = str(int(wire_time().timestamp()))
    given = {"serial": "PUB_KEY_ID_0000000001", "timestamp": now, "nonce": "n", "signature": "c2ln"} | changes
    return {f"wechatpay-{name}": value for name, value in given.items()}


@pytest.mark.parametrize(
    "change",
    [
        {"off_by_s": "-301"},
        {"off_by_s": "600"},
        {"timestamp": ""},
        {"timestamp": "-1"},
        {"timestamp": "1e9"},
        {"timestamp": "9" * 5000},
        {"timestamp": "١٧٦٧٣١٢٠٠٠"},
        {"signature": ""},
        {"signature": "x" * 1_000_000},
        {"serial": ""},
        {"serial": "A" * 10_000},
        {"nonce": ""},
    ],
)
def test_headers_that_prove_nothing_are_refused(change: dict[str, str]) -> None:
    if "off_by_s" in change:  # from the moment of the test: collecting all tests and reaching this one takes minutes
        change = {"timestamp": str(int(wire_time().timestamp()) + int(change["off_by_s"]))}
    with pytest.raises(NotAuthentic):
        wire.Proof.of(headers(**change))


@pytest.mark.parametrize("signature", ["!!!", "c2ln", "é", base64.b64encode(b"x" * 256).decode()])
def test_a_signature_that_is_none_does_not_hold(signature: str) -> None:
    assert not wire.signature_holds(key("platform").public_key(), b"x", signature)


def test_a_probe_is_told_from_a_forgery() -> None:
    with pytest.raises(NotAuthentic) as caught:
        wire.Proof.of(headers(signature="WECHATPAY/SIGNTEST/abc"))
    assert caught.value.probe


def test_our_signatures_verify_with_another_library_call() -> None:
    signature = base64.b64decode(wire.sign(key("merchant"), b"content"))
    key("merchant").public_key().verify(signature, b"content", PKCS1v15(), SHA256())


def test_a_key_file_that_is_none_names_the_setting_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "secret-content"
    path.write_text("secret")
    with pytest.raises(BadConfiguration) as caught:
        wire.private_key(path)
    assert str(caught.value) == "HANDHELD_WECHATPAY_PRIVATE_KEY_FILE must be a PEM file with an RSA key"


def test_after_five_silent_calls_the_breaker_refuses_at_once_and_closes_by_itself() -> None:
    time = [0.0]
    breaker = Breaker(now=lambda: time[0])
    for _ in range(5):
        breaker.refuse_while_open()
        breaker.saw(answer=False)
    with pytest.raises(OutsideUnreachable) as caught:
        breaker.refuse_while_open()
    assert not caught.value.maybe_done
    time[0] = 16.0
    breaker.refuse_while_open()
    breaker.saw(answer=True)
    breaker.refuse_while_open()
