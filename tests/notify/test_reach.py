"""One way after the other, each once: subscription message, text message, the app alone."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from kit import clock, config
from kit.texts import text
from mobileapi.notify import grants, reach, wishes
from mobileapi.notify.models import Delivery, Grant, Notice
from mobileapi.notify.notices import Reaching, tell
from mobileapi.notify.topics import Topic
from mobileapi.notify.wishes import Wish
from mobileapi.settings import OfficeSettings
from tests.notify.conftest import agrees_to_texts, phone
from tests.sandbox_server import SandboxServer

pytestmark = pytest.mark.anyio
Drain = Callable[[], Awaitable[None]]
WORDS = text("您关于「居住证办理」的咨询有新回复", "There is an answer")
ROOM = "sub/chat/room?id=5f6e1c1e-8f11-4d47-9d3f-2f1f1a1f2f3f"


async def told(citizen: UUID, *, topic: Topic = Topic.ANSWERS, patience_s: int = 0) -> UUID:
    brief = {
        "subject": "居住证办理",
        "hint": "工作人员已回复，请点击查看",
        "state": "补正材料",
        "number": "HZ-2026-000017",
    }
    made = await tell(
        citizen, kind="case.correction", text=WORDS, link=ROOM, reaching=Reaching(topic, brief, patience_s)
    )  # fmt: skip
    assert made is not None
    return made


async def ways() -> list[tuple[str, str]]:
    return sorted((d.way, d.state) for d in await Delivery.all())


async def grant_states() -> list[str]:
    return sorted(g.state for g in await Grant.all())


@pytest.mark.parametrize("platform", ["wechat", "alipay"])
async def test_who_allowed_it_gets_one_message_with_the_way_to_the_page(
    platform: str, sandbox: SandboxServer, drain: Drain
) -> None:
    one = await phone(sandbox, "13800001001", platform=platform)
    before = len(await one.messages())
    await one.allows()
    await told(one.citizen)
    await drain()
    message, *others = (await one.messages())[: len(await one.messages()) - before]
    assert (message["page"], message["title"], others) == (ROOM, "咨询回复提醒", [])
    assert message["content"]["咨询事项"] == "居住证办理"
    assert (await ways(), await grant_states()) == ([(platform, "sent")], ["spent"])
    assert await Notice.get().values_list("reach_at", "read_at") == (None, None)


async def test_every_field_of_a_case_fits_its_rule(sandbox: SandboxServer, drain: Drain) -> None:
    one = await phone(sandbox, "13800001002")
    await one.allows("cases")
    await told(one.citizen, topic=Topic.CASES)
    await drain()
    content = (await one.messages())[0]["content"]
    assert (content["受理编号"], content["办理状态"]) == ("HZ-2026-000017", "补正材料")


async def test_without_a_grant_a_text_message_goes_where_it_was_agreed_to(sandbox: SandboxServer, drain: Drain) -> None:
    agreed, silent = await phone(sandbox, "13800001003"), await phone(sandbox, "13800001004")
    await agrees_to_texts(agreed.citizen)
    for one in (agreed, silent):
        await told(one.citizen)
    await drain()
    assert (await agreed.texts(), await silent.texts()) == ([WORDS.zh], [])
    assert await ways() == [("sms", "sent")]
    assert await Notice.filter(reach_at__isnull=True).count() == 2


async def test_who_wants_neither_way_is_told_in_the_app_alone(sandbox: SandboxServer, drain: Drain) -> None:
    one = await phone(sandbox, "13800001005")
    await one.allows()
    await agrees_to_texts(one.citizen)
    await wishes.say(one.citizen, Wish(Topic.ANSWERS, messages=False, texts=False))
    await told(one.citizen)
    await drain()
    assert (await one.messages(), await one.texts(), await ways(), await grant_states()) == ([], [], [], ["free"])


async def test_who_reads_within_the_patience_is_left_in_peace(sandbox: SandboxServer, drain: Drain) -> None:
    one = await phone(sandbox, "13800001006")
    await one.allows()
    notice = await told(one.citizen, patience_s=60)
    await drain()
    assert await one.messages() == []
    await Notice.filter(id=notice).update(read_at=clock.now())
    with clock.moved(timedelta(seconds=61)):
        await drain()
    assert (await one.messages(), await grant_states()) == ([], ["free"])


async def test_twenty_workers_with_one_notice_send_it_once(sandbox: SandboxServer) -> None:
    one = await phone(sandbox, "13800001007")
    for _ in range(3):
        await one.allows()
    notice = await told(one.citizen)
    await asyncio.gather(*(reach.reach(notice) for _ in range(20)))
    assert len(await one.messages()) == 1
    assert await grant_states() == ["free", "free", "spent"]


async def test_twenty_notices_and_three_grants_spend_each_grant_once(sandbox: SandboxServer) -> None:
    one = await phone(sandbox, "13800001008")
    for _ in range(3):
        await one.allows()
    notices = [await told(one.citizen) for _ in range(20)]
    await asyncio.gather(*(reach.reach(notice) for notice in notices))
    assert len(await one.messages()) == 3
    spent = await Grant.filter(state="spent")
    assert len({grant.spent_on for grant in spent}) == len(spent) == 3
    assert await ways() == [("wechat", "sent")] * 3


async def test_what_the_platform_does_not_know_corrects_the_ledger_and_the_text_goes(
    sandbox: SandboxServer, drain: Drain
) -> None:
    one = await phone(sandbox, "13800001009")
    await agrees_to_texts(one.citizen)
    for _ in range(3):
        await one.allows()
    await one.sandbox.control_async(f"/subscriptions?openid={one.openid}", method="DELETE")
    await told(one.citizen)
    await drain()
    assert (await one.messages(), await one.texts()) == ([], [WORDS.zh])
    assert (await ways(), await grant_states()) == ([("sms", "sent"), ("wechat", "failed")], ["void", "void", "void"])


async def test_after_a_refusal_at_one_platform_the_other_carries_it(sandbox: SandboxServer, drain: Drain) -> None:
    one = await phone(sandbox, "13800001010")
    other = await phone(sandbox, "13800001010", platform="alipay", citizen=one.citizen)
    for each in (one, other):
        await each.allows()
    await one.sandbox.control_async("/faults", {"where": "message", "kind": "not_subscribed", "times": 1})
    await told(one.citizen)
    await drain()
    assert (len(await one.messages()), len(await other.messages())) == (0, 1)
    assert await ways() == [("alipay", "sent"), ("wechat", "failed")]


async def test_a_wrong_template_gives_the_grant_back(sandbox: SandboxServer, drain: Drain) -> None:
    one = await phone(sandbox, "13800001011")
    await one.allows()
    settings = config.current(OfficeSettings)
    wrong = settings.wechat_message_answers.replace("time3=at", "thing3=at")
    config.install(settings.model_copy(update={"wechat_message_answers": wrong}))
    await told(one.citizen)
    await drain()
    assert (await ways(), await grant_states()) == ([("wechat", "failed")], ["free"])


@pytest.mark.parametrize(("kind", "came"), [("timeout_after", 1), ("http_500", 0), ("drop", 0), ("tamper", 1)])
async def test_what_is_not_known_stays_spent_and_is_not_tried_again(
    kind: str, came: int, sandbox: SandboxServer, drain: Drain
) -> None:
    one = await phone(sandbox, f"1380000102{came}" if kind in {"tamper", "drop"} else f"1380000103{came}")
    await agrees_to_texts(one.citizen)
    await one.allows()
    before = len(await one.messages())
    await one.sandbox.control_async("/faults", {"where": "message", "kind": kind, "times": 1, "delay_s": 0})
    notice = await told(one.citizen)
    await drain()
    await reach.reach(notice)
    assert (len(await one.messages()) - before, await one.texts()) == (came, [])
    assert (await ways(), await grant_states()) == ([("wechat", "unknown")], ["spent"])


async def test_a_token_that_ended_is_fetched_anew_once(sandbox: SandboxServer, drain: Drain) -> None:
    one = await phone(sandbox, "13800001012")
    for _ in range(2):
        await one.allows()
    await told(one.citizen)
    await drain()
    await one.sandbox.control_async("/clock", {"offset_s": 7300})
    await told(one.citizen)
    await drain()
    assert len(await one.messages()) == 2


async def test_no_token_means_surely_not_sent(sandbox: SandboxServer, drain: Drain) -> None:
    one = await phone(sandbox, "13800001013")
    await one.allows()
    await one.sandbox.control_async("/clock", {"offset_s": 20000})  # the token of earlier tests is over
    await one.sandbox.control_async("/faults", {"where": "token", "kind": "http_500"})
    await told(one.citizen)
    await drain()
    assert (await one.messages(), await ways(), await grant_states()) == ([], [("wechat", "failed")], ["free"])


async def test_at_night_the_text_waits_for_the_morning(sandbox: SandboxServer, drain: Drain) -> None:
    one = await phone(sandbox, "13800001014")
    await agrees_to_texts(one.citizen)
    settings = config.current(OfficeSettings)
    with clock.stopped():
        hour = clock.city_time(clock.now()).hour
        quiet = {"texts_quiet_from": hour, "texts_quiet_until": (hour + 2) % 24}
        config.install(settings.model_copy(update=quiet))
        await told(one.citizen)
        await drain()
        assert (await one.texts(), await ways()) == ([], [])
        await sandbox.control_async("/clock", {"offset_s": 7200, "signatures": True})
        with clock.moved(timedelta(hours=2)):
            await drain()
    assert (await one.texts(), await ways()) == ([WORDS.zh], [("sms", "sent")])


async def test_a_day_has_a_budget_of_texts_for_each_and_for_all(sandbox: SandboxServer, drain: Drain) -> None:
    few, many = await phone(sandbox, "13800001015"), await phone(sandbox, "13800001016")
    settings = config.current(OfficeSettings)
    config.install(settings.model_copy(update={"texts_per_day": 2, "texts_per_day_office": 3}))
    for one in (few, few, few, many, many):
        await agrees_to_texts(one.citizen)
        await told(one.citizen)
    await drain()
    assert (len(await few.texts()), len(await many.texts())) == (2, 1)
    await sandbox.control_async("/clock", {"offset_s": 86400, "signatures": True})
    with clock.moved(timedelta(days=1)):
        await told(few.citizen)
        await drain()
    assert len(await few.texts()) == 3


async def test_what_a_dead_worker_was_sending_is_given_up_and_what_it_had_not_begun_is_begun(
    sandbox: SandboxServer, drain: Drain
) -> None:
    one, other = await phone(sandbox, "13800001017"), await phone(sandbox, "13800001018")
    for each in (one, other):
        await each.allows()
    begun, waiting = await told(one.citizen), await told(other.citizen)
    await Delivery.create(notice_id=begun, way="wechat", state="sending", tried_at=clock.now())
    with clock.moved(timedelta(minutes=3)):
        await reach.look_for_the_lost()
        await drain()
    assert (await one.messages(), len(await other.messages())) == ([], 1)
    assert await ways() == [("wechat", "sent"), ("wechat", "unknown")]
    assert await Notice.filter(reach_at__not_isnull=True).count() == 0
    assert waiting != begun


async def test_no_more_grants_are_kept_than_are_of_use(sandbox: SandboxServer) -> None:
    one = await phone(sandbox, "13800001019")
    await asyncio.gather(*(grants.book(one.citizen, "wechat", {Topic.ANSWERS: "accept"}) for _ in range(15)))
    assert await Grant.filter(state="free").count() == 10
