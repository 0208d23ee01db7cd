"""Hostile and clumsy peers: what the socket refuses, and that it lives on."""

import asyncio
import json
from datetime import timedelta
from uuid import uuid4

import pytest
import websockets

from auth.models import Citizen, StaffMember
from auth.sessions import end_all
from chat.hub import Hub
from kit import clock, config, db
from mobileapi.settings import OfficeSettings
from tests.chat.conftest import Roster
from tests.chat.office import Counter, Line, conversation_of, counter, move_in, token_of
from tests.patience import WAIT_S

pytestmark = pytest.mark.anyio


async def refused(desk: Counter, **how: object) -> int:
    """The status a handshake is refused with."""
    with pytest.raises(websockets.InvalidStatus) as caught:
        await desk.dial(**how)  # type: ignore[arg-type]
    return int(caught.value.response.status_code)


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://127.0.0.1:8000.evil.example", "http://evil127.0.0.1:8000", "https://127.0.0.1:8000",
     "http://127.0.0.1:80000", "file://", "http://localhost:8000"],
)  # fmt: skip
async def test_a_foreign_origin_is_turned_away(desk: Counter, origin: str) -> None:
    assert await refused(desk, headers={"Origin": origin}) == 403


async def test_our_own_origin_none_and_the_demo_s_own_port_are_let_in(desk: Counter, citizen: Citizen) -> None:
    for headers in (None, {"Origin": "http://127.0.0.1:8000"}, {"Origin": f"http://127.0.0.1:{desk.port}"}):
        await (await desk.come(citizen, headers=headers)).hang_up()


async def test_in_production_only_the_public_origin_is_let_in(desk: Counter, settings: OfficeSettings) -> None:
    config._installed[:] = [settings.model_copy(update={"env": "production", "public_url": "https://good.example"})]
    try:
        for origin in (
            f"http://127.0.0.1:{desk.port}",
            "https://good.example.evil.tld",
            "https://evilgood.example",
            "http://good.example",
        ):
            assert await refused(desk, headers={"Origin": origin}) == 403
        await (await desk.dial(headers={"Origin": "https://good.example"})).hang_up()
    finally:
        config.install(settings)


async def test_a_token_in_the_address_is_refused(desk: Counter, citizen: Citizen) -> None:
    token = await token_of(citizen)
    assert await refused(desk, query=f"?token={token}") == 401
    assert await refused(desk, query=f"?access_token={token}") == 401


async def test_another_protocol_version_is_refused(desk: Counter) -> None:
    assert await refused(desk, protocols=("handheld.v0",)) == 400


async def test_cookies_and_headers_do_not_sign_anybody_in(
    database: str, settings: OfficeSettings, citizen: Citizen
) -> None:
    config.install(settings.model_copy(update={"chat_hello_s": 0.6}))
    token = await token_of(citizen)
    async with counter(database) as desk:
        line = await desk.dial(headers={"Cookie": f"token={token}", "Authorization": f"Bearer {token}"})
        await line.say(type="sync", conversation=str(uuid4()), after=0)
        assert (await line.hear("error"))["code"] == "hello_expected"
        assert await line.until_closed() == (4408, "hello_late")
    assert [f["type"] for f in line.frames] == ["error", "goodbye"]


@pytest.mark.parametrize("token", ["x", "eyJhbGciOiJub25lIn0.e30.", "", "a" * 5000])
async def test_a_bad_token_ends_the_socket(desk: Counter, token: str) -> None:
    line = await desk.dial()
    await line.say(type="hello", token=token)
    if 0 < len(token) <= 4096:
        assert (await line.hear("error"))["code"] == "token_invalid"
        assert (await line.until_closed())[0] == 4401
    else:
        assert (await line.hear("error"))["code"] == "invalid_frame"


async def test_who_signs_out_is_cut_off_and_hears_nothing_more(desk: Counter, roster: Roster, citizen: Citizen) -> None:
    conversation = await conversation_of(citizen)
    one, two = await desk.come(citizen), await desk.come(roster.owner)
    async with asyncio.timeout(WAIT_S):
        await end_all(kind="citizen", person=citizen.id, reason="signed_out", actor=f"citizen:{citizen.id}")
        assert (await one.until_closed())[0] == 4401
    assert [(f["type"], f.get("code")) for f in one.frames[-2:]] == [("error", "session_ended"), ("goodbye", None)]
    assert two.closed is None
    assert conversation


async def test_a_disabled_or_degraded_clerk_is_cut_off(desk: Counter, roster: Roster) -> None:
    one, two = await desk.come(roster.owner), await desk.come(roster.backup)
    await StaffMember.filter(id=roster.owner.id).update(disabled_at=clock.now())
    await StaffMember.filter(id=roster.backup.id).update(roles=[])
    async with asyncio.timeout(WAIT_S):
        assert (await one.until_closed())[0] == 4401
        assert (await two.until_closed())[0] == 4401


async def test_an_expired_token_ends_the_socket_and_a_refresh_prevents_it(desk: Counter, citizen: Citizen) -> None:
    stays, goes = await desk.come(citizen), await desk.come(citizen)
    with clock.moved(timedelta(minutes=14)):
        fresh = await token_of(citizen)
        await stays.say(type="refresh", token=fresh)
        await stays.hear("refreshed")
        with clock.moved(timedelta(minutes=2)):
            async with asyncio.timeout(WAIT_S):
                assert await goes.until_closed() == (4401, "token_expired")
            assert stays.closed is None


async def test_a_refresh_with_somebody_elses_token_is_refused(desk: Counter, citizen: Citizen) -> None:
    line = await desk.come(citizen)
    await line.say(type="refresh", token=await token_of(await move_in()))
    assert (await line.hear("error"))["code"] == "forbidden"


async def test_another_person_s_conversation_is_absent_in_every_way(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    conversation, stranger = await conversation_of(citizen, messages=2), await move_in()
    line = await desk.come(stranger, since={conversation: 0})
    assert (await line.hear("error", conversation=conversation))["code"] == "not_found"
    for frame in (
        {"type": "sync", "after": 0}, {"type": "read", "seq": 1}, {"type": "typing"},
        {"type": "send", "client_id": "x", "kind": "text", "body": {"text": "hi"}},
    ):  # fmt: skip
        for target in (conversation, str(uuid4())):
            await line.say(**frame, conversation=target)
            error = await line.hear("error", conversation=target)
            assert (error["code"], error["retry"]) == ("not_found", False), frame
    outsider = await desk.come(roster.outsider, since={conversation: 0})
    await desk.call(roster.outsider, "GET", f"/consultations/{conversation}", expect=200)  # no department: any desk's
    await db.execute("UPDATE chat_conversation SET department_code = 'GA'")
    await desk.call(roster.outsider, "GET", f"/consultations/{conversation}", expect=404)
    for method, path, body in [
        ("GET", "", None),
        ("GET", "/messages", None),
        ("POST", "/close", {}),
        ("POST", "/rating", {"level": 1}),
    ]:
        await desk.call(stranger, method, f"/consultations/{conversation}{path}", body, expect=404)
    assert line.seqs(conversation) == []
    assert outsider.closed is None
    row = (await db.fetch("SELECT state, last_seq FROM chat_conversation"))[0]
    assert (row["state"], row["last_seq"]) == ("queued", 2)
    assert await db.fetch_value("SELECT count(*) FROM chat_mark WHERE read > 0") == 0
    assert await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action = 'consultation.refused'") >= 4


DEEP = '{"type":"ping","t":' + "[" * 100_000 + "]" * 100_000 + "}"
BAD_FRAMES = [
    ("not json", "hello", "unreadable_frame"), ("an array", "[]", "unreadable_frame"), ("a number", "1", "unreadable_frame"),
    ("NaN", '{"type":"ping","t":NaN}', "unreadable_frame"), ("Infinity", '{"type":"ping","t":1e999}', "unreadable_frame"),
    ("a name twice", '{"type":"ping","type":"ping"}', "unreadable_frame"),
    ("a lone surrogate", '{"type":"ping","t":"\\ud800"}', "unreadable_frame"),
    ("deep", '{"type":"ping","t":' + "[" * 40 + "]" * 40 + "}", "unreadable_frame"),
    ("no type", "{}", "invalid_frame"), ("unknown type", '{"type":"launch"}', "invalid_frame"),
    ("type is a list", '{"type":["send"]}', "invalid_frame"), ("no fields", '{"type":"send"}', "invalid_frame"),
    ("hello twice", '{"type":"hello","token":"x"}', "invalid_frame"),
    ("seq is text", '{"type":"read","conversation":"6e2a1c1e-6a5e-4e0a-9d3b-0e6f5a3c2b1a","seq":"1"}', "invalid_frame"),
    ("seq is huge", '{"type":"sync","conversation":"6e2a1c1e-6a5e-4e0a-9d3b-0e6f5a3c2b1a","after":9223372036854775808}', "invalid_frame"),
    ("not an id", '{"type":"typing","conversation":"../../etc"}', "invalid_frame"),
    ("too large", json.dumps({"type": "ping", "t": "x" * (64 * 1024)}), "frame_too_large"),
    ("very deep", DEEP[: 60 * 1024], "unreadable_frame"),
    ("binary", b"\x00\x01", "unreadable_frame"),
]  # fmt: skip


@pytest.mark.parametrize("raw", [f[1] for f in BAD_FRAMES], ids=[f[0] for f in BAD_FRAMES])
async def test_a_bad_frame_is_answered_and_the_socket_lives(desk: Counter, citizen: Citizen, raw: str | bytes) -> None:
    expected = next(f[2] for f in BAD_FRAMES if f[1] == raw)
    line = await desk.come(citizen)
    await line.say_raw(raw)
    assert (await line.hear("error"))["code"] == expected
    await line.say(type="ping", t=7)
    assert (await line.hear("pong"))["t"] == 7


@pytest.mark.parametrize(
    ("client_id", "kind", "body"),
    [
        ("a", "text", {"text": ""}), ("b", "text", {"text": " \n\t"}), ("c", "text", {"text": "x" * 4001}),
        ("d", "text", {"text": "a\x00b"}), ("e", "text", {"text": "x", "html": "y"}), ("f", "text", {}),
        ("g", "image", {"upload": "../x"}), ("h", "card", {"card": "weapon", "ref": "1"}), ("i", "sticker", {"text": "x"}),
        ("j", "system", {"event": "closed"}), ("k" * 65, "text", {"text": "x"}), ("", "text", {"text": "x"}),
        ("l", "card", {"card": "item", "ref": "1", "title": "x" * 300}),
    ],
)  # fmt: skip
async def test_a_message_that_is_none_is_refused_and_nothing_is_stored(
    desk: Counter, citizen: Citizen, client_id: str, kind: str, body: dict[str, str]
) -> None:
    conversation = await conversation_of(citizen)
    line = await desk.come(citizen)
    await line.say(type="send", conversation=conversation, client_id=client_id, kind=kind, body=body)
    error = await line.hear("error")
    assert error["code"] == ("unreadable_frame" if "\x00" in str(body.get("text")) else "invalid_frame")
    assert await db.fetch_value("SELECT count(*) FROM chat_message") == 0


async def test_four_thousand_characters_and_ten_thousand_lines_are_told_apart(desk: Counter, citizen: Citizen) -> None:
    conversation = await conversation_of(citizen)
    line = await desk.come(citizen)
    assert (await line.send_text(conversation, "字" * 4000))["seq"] == 1
    await line.say(type="send", conversation=conversation, client_id="n", kind="text", body={"text": "a\n" * 10_000})
    assert (await line.hear("error", client_id="n"))["code"] == "invalid_frame"


async def test_a_flood_is_limited_and_the_neighbours_do_not_notice(
    database: str, settings: OfficeSettings, citizen: Citizen
) -> None:
    config.install(settings.model_copy(update={"chat_frames_per_s": 5}))
    async with counter(database) as desk:
        conversation, neighbour = await conversation_of(citizen), await move_in()
        theirs = await conversation_of(neighbour)
        flooding, quiet = await desk.come(citizen), await desk.come(neighbour)
        for n in range(40):
            await flooding.say(
                type="send", conversation=conversation, client_id=f"{n}", kind="text", body={"text": "!"}
            )
        refusal = await flooding.hear("error")
        assert (refusal["code"], refusal["retry"], refusal["retry_after_s"]) == ("too_many_requests", True, 1)
        assert (await quiet.send_text(theirs, "安静"))["seq"] == 1
        for n in range(60):
            await flooding.say(type="ping", t=n)
        assert await flooding.until_closed() == (4429, "flooding")
    assert 14 <= await db.fetch_value("SELECT last_seq FROM chat_conversation WHERE id = $1", conversation) <= 20


async def test_a_silent_peer_is_let_go_and_its_clerk_has_left(
    database: str, settings: OfficeSettings, roster: Roster
) -> None:
    config.install(settings.model_copy(update={"chat_heartbeat_s": 1}))
    async with counter(database) as desk:
        line = await desk.come(roster.owner)
        assert await line.until_closed() == (4410, "silent")
        async with asyncio.timeout(WAIT_S):
            while await db.fetch_value("SELECT left_at FROM chat_presence") is None:
                await asyncio.sleep(0.02)


async def test_the_sixth_socket_of_a_person_ends_the_oldest(desk: Counter, citizen: Citizen) -> None:
    token = await token_of(citizen)
    lines = [await desk.come(token) for _ in range(6)]
    assert await lines[0].until_closed() == (4409, "too_many_sockets")
    assert [line.closed for line in lines[1:]] == [None] * 5
    assert len(desk.hub.people[f"citizen:{citizen.id}"]) == 5


async def test_invalid_utf8_and_broken_frames_close_that_socket_only(desk: Counter, citizen: Citizen) -> None:
    survivor = await desk.come(citizen)
    for raw, codes in [
        (b"\x81\x82\x00\x00\x00\x00\xff\xfe", {1007}),  # text that is not UTF-8
        (b"\x81\x02hi", {1002}),  # unmasked
        (b"\xf1\x80\x00\x00\x00\x00", {1002}),  # reserved bits
        (b"\x09\x80\x00\x00\x00\x00", {1002}),  # fragmented control frame
        (b"\x89\xfe\x00\x7e\x00\x00\x00\x00" + b"x" * 126, {1002}),  # control frame of 126 bytes
    ]:
        line = await desk.dial()
        line.ws.transport.write(raw)
        code, _ = await line.until_closed()
        assert code in codes, raw
    await survivor.say(type="ping", t=1)
    assert (await survivor.hear("pong"))["t"] == 1


async def test_a_slow_reader_is_closed_as_slow_and_catches_up_later(
    database: str, settings: OfficeSettings, citizen: Citizen
) -> None:
    config.install(settings.model_copy(update={"chat_slow_s": 1.0, "chat_frames_per_s": 10_000}))
    async with counter(database) as desk:
        conversation = await conversation_of(citizen)
        slow = await desk.come(citizen)
        sender = await desk.come(citizen)
        slow.ws.transport.pause_reading()
        for n in range(900):
            await sender.say(
                type="send", conversation=conversation, client_id=f"{n}", kind="text", body={"text": "长" * 3000}
            )
            if n % 100 == 99:
                await sender.hear("ack", client_id=f"{n}")
        await until(lambda: any(s.ended_at is not None for s in desk.hub.sessions))
        slow.ws.transport.resume_reading()
        assert await slow.until_closed() == (4430, "slow")
        assert sender.closed is None
        seen = slow.seqs(conversation)
        while seen[-1] < 900:
            back = await desk.come(citizen, since={conversation: seen[-1]})
            caught = await back.hear("caught_up")
            got = back.seqs(conversation)
            seen += got
            if not got:  # more than 300 missing: the rest is fetched over HTTP
                assert caught["seq"] == 900
                page = await desk.call(
                    citizen, "GET", f"/consultations/{conversation}/messages?after={seen[-1]}&limit=300"
                )
                seen += [m["seq"] for m in page["items"]]
        assert seen == list(range(1, 901))


async def until(condition: object) -> None:
    async with asyncio.timeout(WAIT_S):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.02)


async def test_draining_says_goodbye_with_1012_and_a_time_to_return(desk: Counter, citizen: Citizen) -> None:
    lines: list[Line] = [await desk.come(await move_in()) for _ in range(8)]
    await desk.hub.drain()
    assert {(await line.until_closed())[0] for line in lines} == {1012}
    waits = [(await line.hear("goodbye", reason="restart"))["retry_after_ms"] for line in lines]
    assert all(200 <= wait <= 3000 for wait in waits)
    assert len(set(waits)) > 1
    assert await refused(desk) == 503
    assert isinstance(desk.hub, Hub)


async def test_too_many_handshakes_from_one_address_are_refused(database: str, settings: OfficeSettings) -> None:
    from chat import socket

    socket._handshakes.clear()
    config.install(settings.model_copy(update={"chat_handshakes_per_s": 1}))
    async with counter(database) as desk:
        for _ in range(10):
            await (await desk.dial()).hang_up()
        assert await refused(desk) == 429
    socket._handshakes.clear()
