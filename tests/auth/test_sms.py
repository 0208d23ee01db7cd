"""Codes by text message: what a guesser, a pumper and a thief of codes meet."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from auth import sms, tc3
from auth.citizens import open_phone
from auth.models import Citizen, Session
from auth.sms import codes
from auth.sms.config import SmsSettings
from auth.sms.errors import SmsCodeWrong
from auth.sms.models import SmsCode, SmsHour
from kit import clock, config, db
from kit.config import BadConfiguration
from mobileapi import wiring
from mobileapi.notify.models import Notice
from mobileapi.settings import OfficeSettings
from tests.sandbox_server import SandboxServer

pytestmark = pytest.mark.anyio
NUMBER = "13700000001"


class Handset:
    """A phone that gets text messages, and a browser that asks for codes."""

    def __init__(self, sandbox: SandboxServer, door: httpx2.AsyncClient) -> None:
        self.sandbox, self.door = sandbox, door

    async def ask(self, number: str = NUMBER, **more: Any) -> httpx2.Response:
        bearer = more.pop("bearer", None)
        return await self.door.post("/api/v1/auth/sms-codes", json={"phone": number} | more, headers=bearer)

    async def read(self, number: str = NUMBER) -> str:
        told = await self.sandbox.control_async(f"/texts?phone={number}")
        return str(told["texts"][0]["values"][0])

    async def asked_and_read(self, number: str = NUMBER, **more: Any) -> dict[str, str]:
        answer = await self.ask(number, **more)
        assert answer.status_code == 201, answer.text
        return {"flow": answer.json()["flow"], "code": await self.read(number)}

    async def enter(self, **body: Any) -> httpx2.Response:
        return await self.door.post("/api/v1/auth/sms/sign-in", json=body)


@pytest.fixture
def handset(wechat: SandboxServer, door: httpx2.AsyncClient) -> Handset:
    return Handset(wechat, door)


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def refused(answer: httpx2.Response) -> None:
    assert (answer.status_code, answer.json()["code"]) == (403, "sms_code_wrong")
    assert await Session.all().count() == 0


def test_the_signature_is_that_of_the_published_example() -> None:
    body = b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
    account = tc3.Account("AKID" + "*" * 32, "*" * 32, "ap-guangzhou")
    service = tc3.Service("https://cvm.tencentcloudapi.com", "cvm", "2017-03-12")
    at = datetime.fromtimestamp(1551113065, UTC)
    headers = tc3.signed(body, service=service, action="DescribeInstances", account=account, at=at)
    signature = "10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f"
    assert headers["authorization"].endswith(
        f"/2019-02-25/cvm/tc3_request, SignedHeaders={tc3.SIGNED}, Signature={signature}"
    )


async def test_a_code_signs_in_and_the_same_number_leads_to_the_same_account(handset: Handset) -> None:
    first = await handset.enter(**await handset.asked_and_read())
    assert (first.status_code, first.json()["is_new"]) == (200, True)
    assert first.json()["citizen"] | {"id": ""} == {
        "id": "", "phone_masked": "137****0001", "name_masked": None, "assurance": "phone",
    }  # fmt: skip
    with clock.moved(timedelta(seconds=61)):
        again = await handset.enter(**await handset.asked_and_read())
    assert (again.json()["is_new"], again.json()["citizen"]["id"]) == (False, first.json()["citizen"]["id"])
    assert open_phone(await Citizen.get()) == NUMBER


async def test_an_account_of_one_tap_is_entered_by_its_number(handset: Handset, phone: Any) -> None:
    tapped = (await phone(NUMBER).tap()).json()
    entered = (await handset.enter(**await handset.asked_and_read())).json()
    assert (entered["is_new"], entered["citizen"]) == (False, tapped["citizen"])


async def test_known_and_unknown_numbers_look_alike(handset: Handset, phone: Any) -> None:
    await phone(NUMBER).tap()
    known, unknown = await handset.ask(NUMBER), await handset.ask("13700000002")
    assert (known.status_code, known.json() | {"flow": ""}) == (unknown.status_code, unknown.json() | {"flow": ""})
    assert known.json() | {"flow": ""} == {"flow": "", "expires_in": 300, "retry_after": 60}
    assert len(known.json()["flow"]) == len(unknown.json()["flow"]) == 43


async def test_after_five_wrong_codes_the_right_one_is_refused_too(handset: Handset) -> None:
    given = await handset.asked_and_read()
    for _ in range(5):
        await refused(await handset.enter(flow=given["flow"], code=other_than(given["code"])))
    await refused(await handset.enter(**given))
    assert (await SmsCode.get()).tries == 5


async def test_of_many_guesses_at_once_five_are_judged(handset: Handset) -> None:
    given = await handset.asked_and_read()
    guesses = [f"{n:06d}" for n in range(41) if f"{n:06d}" != given["code"]][:40]

    async def guess(code: str) -> str:
        try:
            await codes.prove(given["flow"], code, purpose=codes.Purpose.SIGN_IN)
        except SmsCodeWrong:
            return "wrong"
        return "right"

    assert set(await asyncio.gather(*(guess(code) for code in guesses))) == {"wrong"}
    assert (await SmsCode.get()).tries == 5
    await refused(await handset.enter(**given))


async def test_a_code_of_another_flow_or_number_is_refused(handset: Handset) -> None:
    mine, other = await handset.asked_and_read(), await handset.asked_and_read("13700000003")
    if mine["code"] != other["code"]:  # once in a million they are the same
        await refused(await handset.enter(flow=other["flow"], code=mine["code"]))
    await refused(await handset.enter(flow="A" * 43, code=mine["code"]))
    assert await Citizen.all().count() == 0


async def test_a_code_for_an_account_is_asked_for_by_somebody_signed_in(handset: Handset) -> None:
    for purpose in ("phone", "merge", "step_up"):
        assert (await handset.ask(purpose=purpose)).status_code == 401
    assert await SmsCode.all().count() == 0


async def test_a_code_for_changing_a_number_does_not_sign_in_nor_serve_another_account(
    handset: Handset, phone: Any
) -> None:
    me, other = [
        {"authorization": f"Bearer {(await phone(n).tap()).json()['access_token']}"}
        for n in ("13700000005", "13700000006")
    ]
    given = await handset.asked_and_read("13700000007", purpose="phone", bearer=me)
    answer = await handset.enter(**given)
    assert (answer.status_code, answer.json()["code"]) == (403, "sms_code_wrong")
    theirs = await handset.door.post("/api/v1/me/phone", json=given, headers=other)
    assert (theirs.status_code, theirs.json()["code"]) == (403, "sms_code_wrong")
    mine = await handset.door.post("/api/v1/me/phone", json=given, headers=me)
    assert (mine.status_code, mine.json()) == (200, {"state": "taken", "move": None})


async def test_a_code_is_used_once_also_when_twenty_use_it_at_once(handset: Handset) -> None:
    given = await handset.asked_and_read()
    answers = await asyncio.gather(*(handset.enter(**given) for _ in range(20)))
    assert sum(a.status_code == 200 for a in answers) == 1
    assert {a.json()["code"] for a in answers if a.status_code != 200} == {"sms_code_wrong"}
    assert (await Citizen.all().count(), await Session.all().count()) == (1, 1)


async def test_a_code_ends_after_five_minutes(handset: Handset) -> None:
    given = await handset.asked_and_read()
    with clock.moved(timedelta(minutes=5)):
        await refused(await handset.enter(**given))


async def verified(handset: Handset, phone: Any) -> str:
    """An account of the number with a real name, and nobody signed in; its id."""
    told = (await phone(NUMBER).tap()).json()
    name = {"name": "欧阳晴", "id_number": "11010519491231002X"}
    await handset.sandbox.control_async("/registry", name)
    bearer = {"authorization": f"Bearer {told['access_token']}"}
    assert (await handset.door.post("/api/v1/me/real-name", json=name, headers=bearer)).status_code == 200
    await Session.all().delete()
    return str(told["citizen"]["id"])


async def test_a_verified_account_is_entered_with_the_last_four_of_its_document(handset: Handset, phone: Any) -> None:
    await verified(handset, phone)
    given = await handset.asked_and_read()
    bare, wrong = await handset.enter(**given), await handset.enter(**given, last_four="0021")
    assert [(a.status_code, a.json()["code"]) for a in (bare, wrong)] == [
        (403, "last_four_needed"), (403, "binding_proof_wrong"),
    ]  # fmt: skip
    assert await Session.all().count() == 0
    right = await handset.enter(**given, last_four="002x")
    assert (right.status_code, right.json()["citizen"]["assurance"]) == (200, "real_name")


async def another_code(handset: Handset) -> dict[str, str]:
    """A minute later."""
    minute = "interval '61 seconds'"
    await db.execute(f"UPDATE sms_code SET created_at = created_at - {minute}, expires_at = expires_at - {minute}")
    return await handset.asked_and_read()


async def test_of_a_verified_accounts_last_four_five_are_guessed_a_day_and_its_owner_is_told(
    handset: Handset, phone: Any, drain: Callable[[], Awaitable[None]]
) -> None:
    """Whoever has the number now, and every code they like, is still not its former owner."""
    wiring.connect()
    owner = await verified(handset, phone)
    first = await handset.asked_and_read()
    for tried in ("0001", "0002", "0003", "0004"):
        assert (await handset.enter(**first, last_four=tried)).json()["code"] == "binding_proof_wrong"
    second = await another_code(handset)
    assert (await handset.enter(**second, last_four="0005")).json()["code"] == "binding_proof_wrong"
    late = await handset.enter(**second, last_four="002X")
    assert (late.status_code, late.json()["code"]) == (429, "too_many_requests")
    assert await Session.all().count() == 0
    await db.execute("UPDATE auth_sign_in_trouble SET wait_until = wait_until - interval '1 day'")
    assert (await handset.enter(**second, last_four="002X")).status_code == 200
    await drain()
    told = await Notice.filter(citizen=owner, kind="account.guessed").count()
    rows = await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action = 'citizen.last_four_wrong'")
    assert (told in {1, 2}, rows) == (True, 5)  # once an hour


async def test_who_knows_the_last_four_is_not_counted(handset: Handset, phone: Any) -> None:
    await verified(handset, phone)
    for _ in range(6):
        given = await another_code(handset)
        assert (await handset.enter(**given, last_four="0021")).json()["code"] == "binding_proof_wrong"
        assert (await handset.enter(**given, last_four="002X")).status_code == 200


async def test_one_number_gets_one_code_a_minute_and_ten_a_day(handset: Handset) -> None:
    assert (await handset.ask()).status_code == 201
    soon = await handset.ask()
    assert (soon.status_code, soon.json()["code"]) == (429, "too_many_requests")
    assert 58 <= soon.json()["retry_after_s"] <= 60
    for n in range(1, 11):
        await handset.sandbox.control_async("/clock", {"offset_s": 61.0 * n, "signatures": True})
        with clock.moved(timedelta(seconds=61 * n)):
            answer = await handset.ask()
            assert answer.status_code == (201 if n < 10 else 429), n
    assert await SmsCode.all().count() == 10
    assert answer.json()["retry_after_s"] > 85_000


async def test_twenty_requests_at_once_for_one_number_send_one_message(handset: Handset) -> None:
    number = "13711112222"
    answers = await asyncio.gather(*(handset.ask(number) for _ in range(20)))
    assert sorted(a.status_code for a in answers) == [201] + [429] * 19
    assert len((await handset.sandbox.control_async(f"/texts?phone={number}"))["texts"]) == 1


def changed(**settings: Any) -> None:
    config.install(config.current(OfficeSettings).model_copy(update=settings))


async def test_many_numbers_from_one_source_meet_the_sources_limit(handset: Handset) -> None:
    changed(sms_codes_per_source=3)
    answers = [await handset.ask(f"1370000010{n}") for n in range(5)]
    assert [a.status_code for a in answers] == [201, 201, 201, 429, 429]
    assert await SmsCode.all().count() == 3


async def test_the_hours_budget_raises_its_alarm_once_and_then_ends(
    handset: Handset, capsys: pytest.CaptureFixture[str]
) -> None:
    changed(sms_codes_per_hour=5)
    answers = [await handset.ask(f"1370000020{n}") for n in range(7)]
    assert [a.status_code for a in answers] == [201] * 5 + [503] * 2
    assert answers[-1].json()["code"] == "sms_budget_spent"
    told = capsys.readouterr().err
    assert (told.count("sms_budget_runs_low"), told.count('"sms_budget_spent"')) == (1, 2)
    assert (await SmsHour.get()).codes == 5
    assert await SmsCode.all().count() == 5
    with clock.moved(timedelta(hours=1)):
        await handset.sandbox.control_async("/clock", {"offset_s": 3600.0, "signatures": True})
        assert (await handset.ask("13700000300")).status_code == 201


async def test_a_number_over_its_own_limit_costs_the_budget_nothing(handset: Handset) -> None:
    await handset.ask()
    for _ in range(5):
        assert (await handset.ask()).status_code == 429
    assert (await SmsHour.get()).codes == 1


@pytest.mark.parametrize(("kind", "kept"), [("http_500", 1), ("drop", 1)])
async def test_a_service_that_does_not_answer_is_told_and_the_number_is_still_limited(
    handset: Handset, kind: str, kept: int
) -> None:
    await handset.sandbox.control_async("/faults", {"where": "sms", "kind": kind, "rate": 1.0})
    answer = await handset.ask()
    assert (answer.status_code, answer.json()["code"]) == (503, "sms_unavailable")
    assert await SmsCode.all().count() == kept  # it may have gone out


async def test_a_refused_message_may_be_asked_for_again_at_once(handset: Handset) -> None:
    changed(sms_secret_key=SecretStr("wrong"))
    assert (await handset.ask()).json()["code"] == "sms_unavailable"
    assert await SmsCode.all().count() == 0


async def test_neither_code_nor_number_is_readable_in_rows_or_logs(
    handset: Handset, capsys: pytest.CaptureFixture[str]
) -> None:
    number = "13755556666"
    given = await handset.asked_and_read(number)
    await handset.enter(flow=given["flow"], code=other_than(given["code"]))
    await handset.enter(**given)
    rows = await db.fetch("SELECT to_jsonb(c)::text || encode(phone_sealed, 'escape') AS row FROM sms_code c")
    written = capsys.readouterr().err + "".join(row["row"] for row in rows)
    assert number not in written
    assert given["flow"] not in written
    assert f'"{given["code"]}"' not in written


async def test_without_a_service_codes_are_not_offered_and_half_a_service_does_not_open(handset: Handset) -> None:
    changed(sms_app_id="")
    assert ((await handset.ask()).status_code, (await handset.ask()).json()["code"]) == (422, "sms_not_offered")
    sms.refuse_half_set()
    changed(sms_app_id="1400000001", sms_sign_name="")
    with pytest.raises(BadConfiguration, match="HANDHELD_SMS_SIGN_NAME"):
        sms.refuse_half_set()


@pytest.mark.parametrize("number", ["12345678901", "1370000000", "137000000011", "+8613700000001", ""])
async def test_what_is_no_mobile_number_is_refused_before_anything_is_spent(handset: Handset, number: str) -> None:
    assert (await handset.ask(number)).status_code == 422
    assert (await SmsCode.all().count(), await SmsHour.all().count()) == (0, 0)


async def test_old_codes_are_removed(handset: Handset, drain: Callable[[], Awaitable[None]]) -> None:
    await handset.ask()
    with clock.moved(timedelta(days=1, seconds=1)):
        assert await codes.purge() == 1
    assert current_settings().sms_code_seconds == 300


def current_settings() -> SmsSettings:
    return config.current(SmsSettings)
