"""The protocol's figures, worked out elsewhere with other libraries."""

import base64
import hashlib
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from miniapp_stub.sandbox.wechatpay import signing
from tests.sandbox.keys import derived_key

STAMP, NONCE = "1767312000", "593BEC0C930BF1AFEB40B4A08C8FB242"
ORDER = (
    '{"appid":"wx0000000000000001","mchid":"1900000001","description":"行政缴款","out_trade_no":"GOV202601020001",'
    '"notify_url":"https://gov.example.cn/pay/wx/notify","amount":{"total":12345,"currency":"CNY"},'
    '"payer":{"openid":"oTest00000000000000000000001"}}'
).encode()
BILL_PATH = b"/v3/bill/tradebill?bill_date=2026-01-01&bill_type=ALL"
NOTICE = (
    '{"id":"EV-2026010208000500001","create_time":"2026-01-02T08:00:05+08:00","resource_type":"encrypt-resource",'
    '"event_type":"TRANSACTION.SUCCESS","summary":"支付成功","resource":{"original_type":"transaction",'
    '"algorithm":"AEAD_AES_256_GCM","ciphertext":"bz1oFyUAiVgVNMtz8zHtRlnaCAc/7JM=",'
    '"associated_data":"transaction","nonce":"fdasflkja484"}}'
).encode()
PAID = (
    '{"mchid":"1900000001","appid":"wx0000000000000001","out_trade_no":"GOV202601020001",'
    '"transaction_id":"4200000000202601020000000001","trade_type":"JSAPI","trade_state":"SUCCESS",'
    '"trade_state_desc":"支付成功","bank_type":"OTHERS","attach":"","success_time":"2026-01-02T08:00:05+08:00",'
    '"payer":{"openid":"oTest00000000000000000000001"},'
    '"amount":{"total":12345,"payer_total":12345,"currency":"CNY","payer_currency":"CNY"}}'
).encode()
API_V3_KEY = "0123456789abcdef0123456789ABCDEF"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("merchant", "86a0f37c694b072537b3af1800edecc8482a91037ec35fd84b7c109b91dc5cf1"),
        ("platform", "b1f9dfa8682d7098b18517de5fee34946d89281269ca71a907efdab1e3dfd2c7"),
    ],
)
def test_derived_keys_are_those_of_the_vectors(name: str, digest: str) -> None:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    assert sha256(derived_key(name).public_key().public_bytes(serialization.Encoding.DER, form)) == digest


def authorization() -> signing.Authorization:
    return signing.Authorization(mchid="1900000001", nonce_str=NONCE, signature="", timestamp=STAMP, serial_no="AB")


def test_post_request_is_signed_over_five_lines() -> None:
    assert len(ORDER) == 257
    text = signing.request_text(
        method="POST", target=b"/v3/pay/transactions/jsapi", authorization=authorization(), body=ORDER
    )
    assert sha256(text) == "a38341f058bb74daeb0bd069390ffd67389235f1eaebe8caeb521a5f6e326abb"
    assert signing.sign(text, derived_key("merchant")) == (
        "VjlwngCAVXQVAzHDkogXVE91PlVyltsS+Yl/nNYtMqCOTQBLTZmF+uEryaREEEvKiAKFJQvSkkyFOYWEEzqJHE344xmya/EhavJMzmINozRA"
        "t4UKMbwjVM2ooj2dCVU8oP3VCTvV451I97kqaJBcrYpXIWUIQ3ePPHZaIoN68Fs60G7eVwbc24lr73AnJF8h3jKYyX14S0vEClVgyvNNq7RZ"
        "7ZoCL4o1k7a+vT9IS8ukOJHOovOpchhqScCSJMiDBqc7UFyTGoUAtDfIZ6jXIv0Uli0h7Zqm3I9qdbQgpypxjGkGX4XjXJt20JQQkaKJHUcP"
        "0DJ4QMn0NVV1YXC8og=="
    )


def test_get_request_signs_path_query_and_an_empty_body_line() -> None:
    text = signing.request_text(method="GET", target=BILL_PATH, authorization=authorization(), body=b"")
    assert sha256(text) == "80d31195958c1add9128d44dea8b16c2a1eb375a916ee99b0283b665baa2df30"
    assert signing.sign(text, derived_key("merchant")) == (
        "sAcOB4WyDx3YmSt7rokjRJP/tJsoRko5XD8S4SxseGm7lDBUDVLvjBuxvx3nJ335Cr1HOnNj05kq/Qg/0ZMklmcRrpny8SU3Pd4tHcbqnF1g"
        "BoYATVu7IRxKe7kiBEOP23iZpXJrP7mFXxziNNgy8rXX2lW+PR1nlU3tFGRPvT3wXkQ99Kfbd4CCDnjimi+V1q3uMZVYMnfoE3ETb7IkfyDs"
        "5V5Jw2jJJJje9f/0xUhv2gOEA4kuHp51ejwjLTdvp2G7HgCINgxv9XfUQrtwrIMMQZrJ06jTb6iVJZisI91qJ2Qs+3jjFrSGbyfSWur3Gb9x"
        "GQXFgn/JaCc9dS41Yg=="
    )


def test_notice_is_signed_over_three_lines() -> None:
    text = signing.answer_text(timestamp="1767312006", nonce="5K8264ILTKCH16CQ2502SI8ZNMTM67VS", body=NOTICE)
    assert sha256(text) == "8e02ca4bda33f4d8dd47dd5fcc21be8df1c43323d1438624adaf32ef756df5d6"
    signature = signing.sign(text, derived_key("platform"))
    assert signature == (
        "YAYCY/aFOStm1W7jnsb2Yz6qr37kZhNcoEn4UAIdlrxkezEEn/H+O4dE9MP5wW5ZQKFFsTBWJ0lIulYi92ZirvQ8dFX19BA/zBOAsv5/YQTA"
        "aHlwCiADnH74/r0z35hGinH4wTGy55cShdK6f6y7bLFMJYIwPcT6dkZn1ROtfWF8ZgD2FD4VEJWmtFtMxkUUYIsx9izqJY/ONz2xMh6sIO6H"
        "GOBpkbUBKCnPvwX/zdBHwC5GCawkWiwMjtYso2kAdHoWNeunbHzOFRjTthVKhMyXYDm7CxeEWIlkAYJsRu3tDTwe5S3SZV90+i4bht2zfzXj"
        "0Lx8aiuE1RWQPsRIxQ=="
    )
    assert signing.verifies(text, signature, key=derived_key("platform").public_key())
    assert not signing.verifies(text[:-1], signature, key=derived_key("platform").public_key())
    assert not signing.verifies(text, signature, key=derived_key("merchant").public_key())


def test_pay_sign_is_made_over_four_lines() -> None:
    package = "prepay_id=wx02080000000000000000000000000001"
    text = signing.pay_sign_text(app_id="wx0000000000000001", timestamp=STAMP, nonce=NONCE, package=package)
    assert sha256(text) == "279b050fb25a13a072a96e64097af1308372a3126f4d56baab6e9a579c361fad"
    assert signing.sign(text, derived_key("merchant")) == (
        "RRuzad3PQvFuPC8GicbDy8zVoevg0iqBdBD943nZ/uungbmvQRjLKNT36daLvo8zaOcll2ZJ8Y/XM/crWNZ9dDjasddXwf87ZPJ2BYLGCqlY"
        "jUmGNW1lOtfyPGsoqVck7H2QuFKH0Ea72NAEEFS0dfgfaWZDzpxlB2AihBX5E2YeWfw0HVJqkkHJUdqs4GAFeNa9CNwSyK4mKpDE8f4VNzI7"
        "szdpscKdEvrYU58TIioUFzpdovEc4iFyQa6+dIfte8gQsXjLlvZBV+t6K49JkIyadZuW7LlWwJSDesimcIYkGfFRpbWj4nOXTuz00+OiGKjL"
        "bEGkQs56tqca9tfW/Q=="
    )


def test_short_resource_is_sealed_to_the_letter() -> None:
    sealed = signing.seal(b'{"a":1}', api_v3_key=API_V3_KEY, nonce="fdasflkja484", associated_data="transaction")
    assert sealed == "bz1oFyUAiVgVNMtz8zHtRlnaCAc/7JM="


def test_full_resource_is_sealed_to_the_letter() -> None:
    assert (len(PAID), sha256(PAID)) == (422, "9d8477bb916d30e026c3dcc0f73dd9c922233e54038ac2aa1008996316743633")
    sealed = signing.seal(PAID, api_v3_key=API_V3_KEY, nonce="fdasflkja484", associated_data="transaction")
    assert sha256(sealed.encode()) == "87300067623ac380b0d37bed07a8559336deacb0cb3770e4670fd69ee9a66c2a"
    assert len(base64.b64decode(sealed)) == 422 + 16


def header(**changes: Any) -> str:
    fields = {"mchid": "1", "nonce_str": "N", "signature": "S=", "timestamp": STAMP, "serial_no": "AB"} | changes
    return f"{signing.SCHEME} " + ",".join(f'{name}="{value}"' for name, value in fields.items() if value is not None)


def test_authorization_is_read_in_any_order() -> None:
    parts = header().partition(" ")[2].split(",")
    assert signing.parse_authorization(f"{signing.SCHEME} {','.join(reversed(parts))}").signature == "S="


@pytest.mark.parametrize(
    "broken",
    [
        None,
        "",
        "Bearer x",
        header().replace("SHA256", "SHA1"),
        header(serial_no=None),
        header(extra="1"),
        header() + ',mchid="2"',
        header().replace('"', ""),
    ],
)
def test_broken_authorization_is_refused(broken: str | None) -> None:
    with pytest.raises(signing.SignatureRefused):
        signing.parse_authorization(broken)


@pytest.mark.parametrize(("apart", "fresh"), [(0, True), (299, True), (-299, True), (300, False), (-300, False)])
def test_signature_lives_less_than_five_minutes_either_way(apart: int, fresh: bool) -> None:
    if fresh:
        signing.check_freshness(authorization(), now=int(STAMP) + apart)
        return
    with pytest.raises(signing.SignatureRefused, match="expired"):
        signing.check_freshness(authorization(), now=int(STAMP) + apart)
