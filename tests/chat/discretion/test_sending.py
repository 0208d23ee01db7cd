"""The rules about words on the socket: what each side is told, and what is stored."""

from typing import Any

import pytest

from auth.models import Citizen
from kit import db
from tests.chat.conftest import Roster
from tests.chat.discretion.conftest import listed
from tests.chat.discretion.test_originals import everything_stored
from tests.chat.office import Counter, Line, begun

pytestmark = pytest.mark.anyio
ID_NUMBER, CARD, PHONE = "11010519491231002X", "4111111111111111", "13800138000"


async def sent(line: Line, talk: str, text: str, client_id: str, **more: Any) -> dict[str, Any]:
    """The ack, or the error."""
    kind = more.pop("kind", "text")
    await line.say(type="send", conversation=talk, client_id=client_id, kind=kind, body={"text": text}, **more)
    while True:
        for place, frame in enumerate(line.frames):
            if place not in line.heard and frame["type"] in {"ack", "error"} and frame.get("client_id") == client_id:
                line.heard.add(place)
                return frame
        line.more.clear()
        await line.more.wait()


async def count(what: str) -> int:
    return int(await db.fetch_value(f"SELECT count(*) FROM {what}"))


async def test_a_citizens_numbers_are_hidden_from_the_first_moment(
    desk: Counter, roster: Roster, citizen: Citizen, capfd: pytest.CaptureFixture[str]
) -> None:
    clerk, mine, talk = await begun(desk, roster.owner, citizen)
    ack = await sent(mine, talk, f"卡{CARD}，密码是hunter2", "c1")
    assert (ack["body"]["text"], ack["body"]["masked"]) == (
        "卡************1111，密码是*******",
        ["bank_card", "password"],
    )
    heard = await clerk.hear("message", seq=3)
    assert heard["body"] == ack["body"]
    again = await sent(mine, talk, f"卡{CARD}，密码是hunter2", "c1")
    assert (again["type"], again["seq"], again["body"]) == ("ack", 3, ack["body"])
    other = await sent(mine, talk, "卡4012888888801111，密码是hunter2", "c1")
    assert other.get("code") == "client_id_conflict", "it looks the same and is another one"
    assert (await sent(mine, talk, f"身份证{ID_NUMBER}，电话{PHONE}", "c2"))["seq"] == 4
    told, printed = await everything_stored(), capfd.readouterr()
    for number in (ID_NUMBER, CARD, PHONE, "hunter2"):
        assert number not in told
        assert number not in printed.out + printed.err
    assert await count("discretion_original") == 3


async def test_a_reply_with_a_number_is_asked_about_and_then_sent_masked(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    clerk, mine, talk = await begun(desk, roster.owner, citizen)
    error = await sent(clerk, talk, f"您的号码是{ID_NUMBER}，卡{CARD}", "k1")
    assert (error["code"], error["kinds"]) == ("reply_not_sure", ["bank_card", "id_number"])
    assert ID_NUMBER not in str(error)
    assert CARD not in str(error)
    assert await count("chat_message") == 2
    ack = await sent(clerk, talk, f"您的号码是{ID_NUMBER}，卡{CARD}", "k1", confirmed=True)
    assert ack["body"]["text"] == "您的号码是110***********002X，卡************1111"
    assert (await mine.hear("message", seq=3))["body"]["text"] == ack["body"]["text"]
    assert (await sent(clerk, talk, f"请打{PHONE}", "k2"))["type"] == "ack"
    assert ID_NUMBER not in await everything_stored()


async def test_forbidden_words_are_asked_about_and_strict_ones_refused(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    await listed("傻逼", "both")
    await listed("加我微信", "clerks", strict=True)
    clerk, mine, talk = await begun(desk, roster.owner, citizen)
    asked = await sent(clerk, talk, "你这个傻 逼", "k1")
    assert (asked["code"], asked["kinds"], "傻" in str(asked)) == ("reply_not_sure", ["forbidden"], False)
    refused = await sent(clerk, talk, "加·我·微·信", "k2", confirmed=True)
    assert (refused["code"], refused["kinds"]) == ("reply_refused", ["refused"])
    assert (await sent(clerk, talk, "加我微信", "k3", kind="note"))["code"] == "reply_refused"
    assert await count("chat_message") == 2
    assert await count("chat_note") == 0
    ack = await sent(mine, talk, "加我微信吧，傻逼", "c1")
    assert ack["body"]["text"] == "加我微信吧，**", "the citizen is told, and what is forbidden to clerks only stays"
    assert ack["body"]["masked"] == ["abusive"]


async def test_a_variable_that_was_not_filled_is_not_sent(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    clerk, _, talk = await begun(desk, roster.owner, citizen)
    refused = await sent(clerk, talk, "{姓名}您好，{受理编号}", "k1", confirmed=True)
    assert (refused["code"], refused["kinds"]) == ("reply_refused", ["variable"])
    assert await count("chat_message") == 2
    assert (await sent(clerk, talk, "用 {} 括起来的 {x} 可以", "k2"))["type"] == "ack"
