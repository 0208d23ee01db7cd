"""Platform keys change while money comes: none that is good is turned away, none that has ended is taken."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from starlette.requests import Request
from starlette.responses import Response

from kit import config
from mobileapi.settings import OfficeSettings
from payments.channels import channel
from payments.channels import wechatpay_wire as wire
from payments.channels.wechatpay import WechatPay
from tests.payments.keys import key, public_pem
from tests.payments.wire.channel import FakeWechatPay, Postman, notice, seal, signed, transaction
from tests.payments.wire.conftest import Counter, written

pytestmark = pytest.mark.anyio
NOW = datetime.now(UTC)


def certificate(signer: str, *, ends: datetime = NOW + timedelta(days=1)) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "platform")])
    builder = x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key(signer).public_key())
    serial = {"platform": 0xAA11, "merchant": 0xBB22}[signer]
    builder = builder.serial_number(serial).not_valid_before(NOW - timedelta(days=30)).not_valid_after(ends)
    return builder.sign(key(signer), SHA256())


class Certificates:
    """What /v3/certificates hands out, counted."""

    def __init__(self, *signers: str) -> None:
        self.signers, self.asked = list(signers), 0

    async def __call__(self, _: Request, __: bytes) -> Response:
        self.asked += 1
        await asyncio.sleep(0)
        return signed(200, {"data": [self._entry(signer) for signer in self.signers]}, serial="AA11")

    def _entry(self, signer: str) -> dict[str, Any]:
        made = certificate(signer)
        pem = made.public_bytes(serialization.Encoding.PEM)
        sealed = seal(pem, associated="certificate")
        return {"serial_no": f"{made.serial_number:X}", "encrypt_certificate": sealed}


def by_certificates(settings: OfficeSettings) -> WechatPay:
    """The office without a public key: it works by downloaded certificates."""
    config.install(settings.model_copy(update={"wechatpay_platform_key_file": None, "wechatpay_platform_key_id": ""}))
    party = channel("wechat")
    assert isinstance(party, WechatPay)
    return party


async def test_a_new_certificate_signs_under_load_and_no_good_notice_is_refused(
    counter: Counter, post: Postman, fake: FakeWechatPay, settings: OfficeSettings
) -> None:
    party, handed = by_certificates(settings), Certificates("platform")
    fake.scripts["certificates"] = handed
    order = await counter.held(await counter.citizen(), await counter.bill())
    body = notice(transaction(order))
    assert (await post.deliver(body, serial="AA11")).status_code == 204
    handed.signers.append("merchant")
    party.keys.renewed_at = None  # an hour later
    answers: list[int] = []
    for _ in range(10):
        old = [post.deliver(body, serial="AA11") for _ in range(2)]
        new = [post.deliver(body, serial="BB22", signer="merchant") for _ in range(2)]
        answers += [answer.status_code for answer in await asyncio.gather(*old)]
        answers += [answer.status_code for answer in await asyncio.gather(*new)]
    assert answers == [204] * 40
    assert handed.asked == 2
    assert (await written())["payment"] == 1


async def test_a_thousand_unknown_serials_ask_for_certificates_once(
    counter: Counter, post: Postman, fake: FakeWechatPay, settings: OfficeSettings
) -> None:
    by_certificates(settings)
    handed = fake.scripts["certificates"] = Certificates("platform")
    for start in range(0, 1000, 50):
        batch = [post.deliver(b"{}", serial=f"F{start + n:04X}", signer="merchant") for n in range(50)]
        assert {answer.status_code for answer in await asyncio.gather(*batch)} == {401}
    assert isinstance(handed, Certificates)
    assert handed.asked == 1
    assert set((await written()).values()) == {0}


async def test_a_certificate_past_its_end_is_refused_and_not_asked_for_again(
    counter: Counter, post: Postman, fake: FakeWechatPay, settings: OfficeSettings
) -> None:
    party = by_certificates(settings)
    handed = fake.scripts["certificates"] = Certificates()
    party.keys.add(wire.key_of_certificate(certificate("platform", ends=NOW - timedelta(seconds=1))))
    order = await counter.held(await counter.citizen(), await counter.bill())
    assert (await post.deliver(notice(transaction(order)), serial="AA11")).status_code == 401
    assert isinstance(handed, Certificates)
    assert handed.asked == 0
    assert (await counter.row(order["id"]))["state"] == "created"


async def test_certificates_that_only_claim_to_be_the_platforms_are_not_taken(
    counter: Counter, post: Postman, fake: FakeWechatPay, settings: OfficeSettings
) -> None:
    party = by_certificates(settings)

    async def forged(_: Request, __: bytes) -> Response:
        pem = certificate("merchant").public_bytes(serialization.Encoding.PEM)
        entry = {"encrypt_certificate": seal(pem, associated="certificate", v3_key="f" * 32)}
        return signed(200, {"data": [entry]}, serial="BB22", signer="merchant")

    fake.scripts["certificates"] = forged
    assert (await post.deliver(b"{}", serial="BB22", signer="merchant")).status_code == 401
    assert party.keys.known == {}


async def test_a_former_public_key_stays_good_while_it_is_named(
    counter: Counter, post: Postman, settings: OfficeSettings, tmp_path: Path
) -> None:
    (tmp_path / "former.pem").write_bytes(public_pem("merchant"))
    former = "PUB_KEY_ID_0000000002"
    order = await counter.held(await counter.citizen(), await counter.bill())
    body = notice(transaction(order))
    assert (await post.deliver(body, serial=former, signer="merchant")).status_code == 401
    named = settings.model_copy(update={"wechatpay_former_platform_keys": f" {former}={tmp_path / 'former.pem'} ,"})
    config.install(named)
    assert (await post.deliver(body, serial=former, signer="merchant")).status_code == 204
    assert (await post.deliver(body)).status_code == 204
    assert (await written())["notice"] == 1
