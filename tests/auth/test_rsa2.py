"""RSA2 as the office does it: figures worked out elsewhere, and answers written in every awkward way."""

import base64
import hashlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from auth.platforms import rsa2
from kit.config import BadConfiguration
from tests.sandbox.keys import derived_key

METHOD = "alipay.trade.create"
PLATFORM = derived_key("platform").public_key()
REQUEST = {
    "version": "1.0", "timestamp": "2026-01-02 08:00:00", "sign_type": "RSA2", "app_auth_token": "", "sign": "no part",
    "app_id": "2021000000000001", "charset": "utf-8", "format": "JSON", "method": METHOD,
    "notify_url": "https://gov.example.cn/pay/ali/notify",
    "biz_content": (
        '{"out_trade_no":"GOV202601020001","total_amount":"123.45","subject":"行政缴款","product_code":"JSAPI_PAY",'
        '"op_app_id":"2021000000000001","buyer_open_id":"074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5"}'
    ),
}  # fmt: skip
REQUEST_SIGN = (
    "ua0kC8YFSlUkBiLw4QRMJDUXhwgsUInx1uKvJgslJxm3SxDx/Xq4IJmJtW652KZ4VpqvpNsnKuG3qlKjpxknDC3RyCW/WL97CPlJhVob8jBrMdcl9Nj/"
    "Wi+C48ycIvwxhTKHl/RPXEuMd03AbwKLGjzZIwnKi57NR30QqmsCClKMMEzWP0Ztg+zFmDa6A0OM27YVwkJyE1w2TVd9O2juxDOSvq5Dn3iYlmqKq5WZ"
    "LR4GRqTnEMWgPuzyYnIhvF6jyGDP+TI78jDJpfmxZbjna2HgQLWf8w70v2Svo5rAkPC+v0oAVdaUQrLQE3kRs8jhjfbpfxMA/xPLtD9Om7kD0w=="
)
CONTENT = '{"code":"10000","msg":"Success","out_trade_no":"GOV202601020001","trade_no":"2026010222001400000000000001"}'
CONTENT_SIGN = (
    "bZ/MR/VF1iT/Hrj0W/7IJrHx+PlcOOPQg4EO/nN8GDI8o2uidrg55iTVZaf7Ac/yN/FMr4p5zZjTQJuMrNFiLcOdFiFCtictQ4SKJSQSQJsQtjsYf4"
    "MAmHxRPHUJ4BMN7vunFpt9g7QNTK4VeMygMvJ2hnogOYfnxt3J4BTu06dCwEiW/NyH4CgvxpE+QN580Lo56v76wqYam9aelN9BeWXFzglvl1M9/9xa"
    "bKE3gPrOES5nyY2FKm7c+NU6EguU9YHJyFCF1Ak68O0GVftVTrjgbUHj84Z8SWV3VzQB8YHWkw6LhsuF0z4UD8X0oqwFSqBXA8Hs2QnPGTrvyu/yQw"
    "=="
)


def answer(content: str = CONTENT, *, node: str = "alipay_trade_create_response", sign: str | None = None) -> bytes:
    sign = rsa2.signature(content, derived_key("platform")) if sign is None else sign
    return f'{{"{node}":{content},"sign":"{sign}"}}'.encode()


def test_a_request_is_signed_over_its_sorted_raw_values() -> None:
    text = rsa2.text_to_sign(REQUEST)
    digest = "f78038cea2aaea81710973ba2e3dedc3512f25b62de6f8f1b0d5d2e446248e65"
    assert hashlib.sha256(text.encode()).hexdigest() == digest
    assert rsa2.signature(text, derived_key("merchant")) == REQUEST_SIGN


def test_an_answer_verifies_over_its_content_as_received() -> None:
    assert rsa2.content_of(answer(sign=CONTENT_SIGN), method=METHOD, key=PLATFORM)["out_trade_no"] == "GOV202601020001"


@pytest.mark.parametrize(
    "content",
    [
        '{"a":"} , \\"sign\\": {","b":{"c":[{"d":"]}"}]}}',
        '{"a":"ends with a backslash \\\\"}',
        '{ "b" : 1 ,\n\t"a" : "\\u884c\\/\\u653f 行政" , "n" : 1.50 }',
        '{"a":1,"a":2}',
        "{}",
    ],
)
@pytest.mark.parametrize("written", ["{node}{sign}", "{sign}{node}", "{node}{more}{sign}", " {node} {sign} "])
def test_the_signed_part_is_cut_out_and_never_written_again(content: str, written: str) -> None:
    sign = rsa2.signature(content, derived_key("platform"))
    parts = {
        "{node}": f'"alipay_trade_create_response" :\n {content}',
        "{sign}": f'"sign":"{sign}"',
        "{more}": '"alipay_cert_sn":"a}b{"',
    }
    order = [parts[mark] for mark in written.replace("}{", "}|{").replace("} {", "}|{").strip().split("|")]
    body = ("{" + " , ".join(order) + "}").encode()
    assert isinstance(rsa2.content_of(body, method=METHOD, key=PLATFORM), dict)
    spoilt = body.replace(content.encode(), content[:-1].encode() + b" }")
    with pytest.raises(rsa2.NotAuthentic):
        rsa2.content_of(spoilt, method=METHOD, key=PLATFORM)


@pytest.mark.parametrize("sign", ["", CONTENT_SIGN[:-4], "not base64!", "行", base64.b64encode(bytes(256)).decode()])
def test_a_success_without_a_good_signature_is_not_authentic(sign: str) -> None:
    with pytest.raises(rsa2.NotAuthentic):
        rsa2.content_of(answer(sign=sign), method=METHOD, key=PLATFORM)
    with pytest.raises(rsa2.NotAuthentic):
        rsa2.content_of(answer('{"open_id":"x"}', sign=sign), method=METHOD, key=PLATFORM)


def test_a_success_signed_by_another_key_or_without_any_signature_is_not_authentic() -> None:
    own = rsa2.signature(CONTENT, derived_key("merchant"))
    for body in (answer(sign=own), b'{"alipay_trade_create_response":%s}' % CONTENT.encode()):
        with pytest.raises(rsa2.NotAuthentic):
            rsa2.content_of(body, method=METHOD, key=PLATFORM)


def test_a_refusal_may_come_unsigned_and_a_wrongly_signed_one_may_not() -> None:
    refusal = '{"code":"40002","sub_code":"isv.invalid-app-id"}'
    bare = b'{"error_response":%s}' % refusal.encode()
    for body in (bare, answer(refusal, node="error_response"), answer(refusal, node="error_response", sign="")):
        assert rsa2.content_of(body, method=METHOD, key=PLATFORM)["code"] == "40002"
    with pytest.raises(rsa2.NotAuthentic):
        rsa2.content_of(answer(refusal, node="error_response", sign="eA=="), method=METHOD, key=PLATFORM)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{}", b"[]", b"null", b"busy", b"\xff{}", b'{"sign":"x"}', b'{"alipay_trade_create_response":{}',
        answer() + b"x", answer()[:-1], b"\xef\xbb\xbf" + answer(), answer(node="alipay_trade_query_response"),
        answer()[:-1] + b',"sign":"x"}', answer()[:-1] + b',"error_response":{"code":"40002"}}', answer('["code"]'),
        answer('"code"'), b'{"a":' + b"[" * 100_000, answer()[:-1] + b",}", answer().replace(b'":{', b'"={'),
        b'{"error_response":{"code":"40002"},"error_response":{"code":"40002"}}', b"{1:2}",
    ],
)  # fmt: skip
def test_anything_else_is_malformed(body: bytes) -> None:
    with pytest.raises(rsa2.Malformed):
        rsa2.content_of(body, method=METHOD, key=PLATFORM)


def test_keys_are_read_as_pem_and_as_the_bare_base64_of_the_key_tool(tmp_path: Path) -> None:
    key, file = derived_key("merchant"), tmp_path / "key"
    for encoding in (serialization.Encoding.PEM, serialization.Encoding.DER):
        private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file.write_bytes(private if encoding is serialization.Encoding.PEM else base64.b64encode(private) + b"\n")
        assert rsa2.private_key(file, setting="S").private_numbers() == key.private_numbers()
        public = key.public_key().public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo)
        file.write_bytes(public if encoding is serialization.Encoding.PEM else base64.b64encode(public))
        assert rsa2.public_key(file, setting="S").public_numbers() == key.public_key().public_numbers()


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----", b"eA=="])
def test_a_bad_key_file_is_named_by_its_setting(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    for read in (rsa2.private_key, rsa2.public_key):
        with pytest.raises(BadConfiguration, match="HANDHELD_X"):
            read(file, setting="HANDHELD_X")
