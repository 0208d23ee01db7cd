"""RSA2 and the sealed phone number: figures worked out elsewhere with other libraries."""

import hashlib

from miniapp_stub.sandbox.alipay import signing
from tests.sandbox.keys import derived_key

CREATE = {
    "sign_type": "RSA2",
    "app_id": "2021000000000001",
    "method": "alipay.trade.create",
    "charset": "utf-8",
    "format": "JSON",
    "version": "1.0",
    "timestamp": "2026-01-02 08:00:00",
    "notify_url": "https://gov.example.cn/pay/ali/notify",
    "app_auth_token": "",
    "sign": "left out",
    "biz_content": (
        '{"out_trade_no":"GOV202601020001","total_amount":"123.45","subject":"行政缴款","product_code":"JSAPI_PAY",'
        '"op_app_id":"2021000000000001","buyer_open_id":"074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5"}'
    ),
}
ANSWER = b'{"code":"10000","msg":"Success","out_trade_no":"GOV202601020001","trade_no":"2026010222001400000000000001"}'
ANSWER_SIGN = (
    "bZ/MR/VF1iT/Hrj0W/7IJrHx+PlcOOPQg4EO/nN8GDI8o2uidrg55iTVZaf7Ac/yN/FMr4p5zZjTQJuMrNFiLcOdFiFCtictQ4SKJSQSQJsQtjsYf4"
    "MAmHxRPHUJ4BMN7vunFpt9g7QNTK4VeMygMvJ2hnogOYfnxt3J4BTu06dCwEiW/NyH4CgvxpE+QN580Lo56v76wqYam9aelN9BeWXFzglvl1M9/9xa"
    "bKE3gPrOES5nyY2FKm7c+NU6EguU9YHJyFCF1Ak68O0GVftVTrjgbUHj84Z8SWV3VzQB8YHWkw6LhsuF0z4UD8X0oqwFSqBXA8Hs2QnPGTrvyu/yQw"
    "=="
)
SEALED = "igATcyTqqgv1AFpBiHJyVf94zn4d80DWhHrnUhty+8QLcUOlYjxvP9Xk+YXblbTSoe2bGplnUECoaQrDECEzOw=="


def test_a_request_is_signed_over_its_sorted_parameters_with_the_sign_type() -> None:
    text = signing.request_text(CREATE)
    assert hashlib.sha256(text).hexdigest() == "f78038cea2aaea81710973ba2e3dedc3512f25b62de6f8f1b0d5d2e446248e65"
    signature = signing.sign(text, derived_key("merchant"))
    assert signature == (
        "ua0kC8YFSlUkBiLw4QRMJDUXhwgsUInx1uKvJgslJxm3SxDx/Xq4IJmJtW652KZ4VpqvpNsnKuG3qlKjpxknDC3RyCW/WL97CPlJhVob8jBrMdcl"
        "9Nj/Wi+C48ycIvwxhTKHl/RPXEuMd03AbwKLGjzZIwnKi57NR30QqmsCClKMMEzWP0Ztg+zFmDa6A0OM27YVwkJyE1w2TVd9O2juxDOSvq5Dn3iY"
        "lmqKq5WZLR4GRqTnEMWgPuzyYnIhvF6jyGDP+TI78jDJpfmxZbjna2HgQLWf8w70v2Svo5rAkPC+v0oAVdaUQrLQE3kRs8jhjfbpfxMA/xPLtD9O"
        "m7kD0w=="
    )
    assert signing.verifies(text, signature, key=derived_key("merchant").public_key())
    assert not signing.verifies(text + b" ", signature, key=derived_key("merchant").public_key())
    assert not signing.verifies(text, signature, key=derived_key("platform").public_key())


def test_an_answer_is_signed_over_its_content_to_the_byte() -> None:
    whole = signing.signed_answer("alipay_trade_create_response", ANSWER, key=derived_key("platform"))
    assert whole == b'{"alipay_trade_create_response":' + ANSWER + b',"sign":"' + ANSWER_SIGN.encode() + b'"}'


def test_a_number_is_sealed_and_signed_in_its_quotation_marks_to_the_letter() -> None:
    clear = b'{"code":"10000","msg":"Success","mobile":"13800000000"}'
    assert signing.seal(clear, aes_key="AAECAwQFBgcICQoLDA0ODw==") == SEALED
    assert signing.sealed_text_signature(SEALED, key=derived_key("platform")) == (
        "vaUETCLfsru+X17IHv9diiqRY589ZTcDjYR3MehUeyHCF0QyMucpZbCDfK4VpzQEOUHQrcyrwBRaH30ySYUyhEVaKqS23AG6TB2g40xs0sWfBsrO"
        "fvzTsJfeaKp2rwreKzJQq+KOu2Do+ISO/Kjcum0kp9dkydB0dvJYtAU/CC/PWEtkumjKoh148FJZxJijBX1FJYZREqRxCsuOpMr3R5M8vlX4J028"
        "NPgGQ1VWt/IPO91ufpt0O4rPsozCxeKciWX5F4IzuiAmgQ4R+Dqr4d8bcznaE04Dk+iqYNsKSwTA0Jc+hn039HUEl3q7F99OR24y0oLjvdQt4vlq"
        "mZMtlw=="
    )
