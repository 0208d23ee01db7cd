"""What is hidden lies sealed beside the message: opened for a reason, told to its owner, forgotten with the account."""

import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from auth.models import Citizen
from chat import notes, personal
from chat.discretion import originals
from chat.discretion.errors import ReplyNotSure
from chat.messages import Draft, append
from chat.models import Conversation
from chat.wording import said
from kit import clock, crypto, db, sealed
from tests.chat.conftest import Roster
from tests.chat.discretion.conftest import listed
from tests.chat.office import Counter, conversation_of, move_in

pytestmark = pytest.mark.anyio
ID_NUMBER, CARD, PHONE = "11010519491231002X", "4111111111111111", "13800138000"


async def everything_stored() -> str:
    """Every column of every table of consultation and of what is hidden, as text."""
    tables = await db.fetch("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
    rows = [
        row["line"]
        for table in tables
        for row in await db.fetch(f'SELECT t::text AS line FROM "{table["table_name"]}" t')
    ]
    return "\n".join(rows)


async def test_numbers_in_the_first_question_are_in_no_table_in_the_clear(
    desk: Counter, roster: Roster, citizen: Citizen, capfd: pytest.CaptureFixture[str]
) -> None:
    opened = await desk.ask(citizen, f"我的身份证{ID_NUMBER}，卡{CARD}，电话{PHONE}")
    page = await desk.call(citizen, "GET", f"/consultations/{opened['id']}/messages")
    shown = page["items"][0]["body"]["text"]
    assert shown == "我的身份证110***********002X，卡************1111，电话138****8000"
    assert page["items"][0]["body"]["masked"] == ["bank_card", "id_number", "phone"]
    told, printed = await everything_stored(), capfd.readouterr()
    for number in (ID_NUMBER, CARD, PHONE):
        assert number not in told
        assert number not in printed.out + printed.err
    assert await db.fetch_value("SELECT count(*) FROM discretion_original") == 1
    assert [c.place for c in sealed.columns() if c.table == "discretion_original"] == ["discretion_original.text"]


async def test_the_citizens_copy_holds_what_they_wrote_and_closing_forgets_it(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    opened = await desk.ask(citizen, f"电话{PHONE}")
    (chapter,) = await personal.about(citizen)
    assert chapter.records[0]["messages"][0]["text"] == f"电话{PHONE}"
    await personal.forget(citizen)
    assert await db.fetch_value("SELECT count(*) FROM discretion_original") == 0
    body = await db.fetch_value(
        "SELECT body FROM chat_message WHERE conversation_id = $1 AND seq = 1", UUID(opened["id"])
    )
    assert "original" not in json.loads(body)


async def test_a_note_hides_numbers_without_asking_and_asks_about_words(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    await listed("傻逼", "both")
    talk = await Conversation.get(id=await conversation_of(citizen, messages=1))
    note = await notes.write(talk, author=roster.owner.id, name="Owner", words=f"回电{PHONE}", client_id="n1")
    assert (note.body["text"], note.body["masked"]) == ("回电138****8000", ["phone"])
    again = await notes.write(talk, author=roster.owner.id, name="Owner", words=f"回电{PHONE}", client_id="n1")
    assert again.id == note.id
    with pytest.raises(ReplyNotSure):
        await notes.write(talk, author=roster.owner.id, name="Owner", words="他是傻逼", client_id="n2")
    assert await db.fetch_value("SELECT count(*) FROM chat_note") == 1


async def test_the_same_words_are_kept_once_and_others_under_the_same_mark_are_told_apart(citizen: Citizen) -> None:
    talk, by = UUID(await conversation_of(citizen)), f"citizen:{citizen.id}"
    first = await said(f"电话{PHONE}", side="citizen", conversation=talk, by=by, mark="c1")
    assert await said(f"电话{PHONE}", side="citizen", conversation=talk, by=by, mark="c1") == first
    other = await said("电话13811118000", side="citizen", conversation=talk, by=by, mark="c1")
    assert (other["text"], other["original"] == first["original"]) == (first["text"], False)
    assert await db.fetch_value("SELECT count(*) FROM discretion_original") == 2
    assert await said("密码：hunter2", side="citizen", conversation=talk, by=by, mark="c2") == {
        "text": "密码：*******", "masked": ["password"],
    }  # fmt: skip
    assert await said(f"电话{PHONE}", side="citizen", conversation=uuid4(), by=by, mark="c3")
    assert await db.fetch_value("SELECT count(*) FROM discretion_original") == 2, "nothing of a talk that is not there"


async def test_what_no_message_refers_to_is_removed_after_a_day(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    opened = await desk.ask(citizen, f"电话{PHONE}")
    await said("电话13811118000", side="citizen", conversation=UUID(opened["id"]), by=f"citizen:{citizen.id}", mark="x")
    assert await originals.purge_unused() == 0
    with clock.moved(timedelta(days=2)):
        assert await originals.purge_unused() == 1
    assert await db.fetch_value("SELECT count(*) FROM discretion_original") == 1


async def test_a_clerk_opens_a_message_for_a_reason_that_is_in_the_log(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    clerk = await desk.come(roster.owner)
    opened = await desk.ask(citizen, f"电话{PHONE}")
    await clerk.hear("offer")
    await clerk.say(type="offer_reply", conversation=opened["id"], accept=True)
    await clerk.hear("conversation", state="assigned")
    path = f"/consultations/{opened['id']}/messages/1/unmask"
    told = await desk.call(roster.owner, "POST", path, {"reason": "电话核实材料"})
    assert told == {"text": f"电话{PHONE}", "hides_in_s": 60}
    rows = await db.fetch("SELECT actor, subject, detail FROM kit_audit WHERE action = 'personal_data.unmasked'")
    assert [(r["actor"], r["subject"]) for r in rows] == [(f"staff:{roster.owner.id}", f"consultation:{opened['id']}")]
    assert json.loads(rows[0]["detail"])["reason"] == "电话核实材料"
    assert PHONE not in rows[0]["detail"]


async def test_who_has_it_not_in_hand_opens_nothing_and_nothing_is_logged(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    opened = await desk.ask(citizen, f"电话{PHONE}")
    path, why = f"/consultations/{opened['id']}/messages/1/unmask", {"reason": "好奇一下"}
    stranger = await move_in()
    await desk.call(citizen, "POST", path, why, expect=403)
    await desk.call(stranger, "POST", path, why, expect=403)
    await desk.call(roster.outsider, "POST", path, why, expect=404)
    await desk.call(roster.colleague, "POST", path, why, expect=404)
    await desk.call(roster.supervisor, "POST", path, {"reason": "看"}, expect=422)
    for number in ("2", "x", "999999999999999999999"):
        url = f"/consultations/{opened['id']}/messages/{number}/unmask"
        await desk.call(roster.supervisor, "POST", url, why, expect=404)
    assert await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action = 'personal_data.unmasked'") == 0


async def test_a_message_opens_as_it_reads_now_and_not_at_all_once_it_was_taken_back(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    opened = await desk.ask(citizen, f"电话{PHONE}")
    url, why = f"/consultations/{opened['id']}/messages", {"reason": "电话核实材料"}

    async def say(kind: str, of: int, words: str) -> int:
        talk, by = UUID(opened["id"]), f"citizen:{citizen.id}"
        body = {"of": of} | (await said(words, side="citizen", conversation=talk, by=by, mark=words) if words else {})
        stored = await append(Draft(talk, "citizen", kind, body, sender=citizen.id, client_id=f"{kind}{words}"))
        assert stored.verdict == "stored"
        return stored.seq

    changed = await say("edit", 1, "电话13811118000")
    for number in (1, changed):
        told = await desk.call(roster.supervisor, "POST", f"{url}/{number}/unmask", why)
        assert told["text"] == "电话13811118000"
    await say("edit", 1, "没有电话")
    await desk.call(roster.supervisor, "POST", f"{url}/1/unmask", why, expect=404)
    await say("edit", 1, f"电话{PHONE}。")
    last = await say("recall", 1, "")
    for number in range(1, last + 1):
        await desk.call(roster.supervisor, "POST", f"{url}/{number}/unmask", why, expect=404)
    assert await db.fetch_value("SELECT count(*) FROM kit_audit WHERE action = 'personal_data.unmasked'") == 2


async def test_a_note_is_opened_at_its_own_place_and_named_in_the_log(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    opened = await desk.ask(citizen, "怎么办")
    talk = await Conversation.get(id=opened["id"])
    note = await notes.write(talk, author=roster.owner.id, name="Owner", words=f"回电{PHONE}", client_id="n1")
    wish = {"reason": "电话核实材料", "note": str(note.id)}
    url = f"/consultations/{talk.id}/messages"
    await desk.call(roster.supervisor, "POST", f"{url}/{note.after_seq + 7}/unmask", wish, expect=404)
    told = await desk.call(roster.supervisor, "POST", f"{url}/{note.after_seq}/unmask", wish)
    assert told["text"] == f"回电{PHONE}"
    (row,) = await db.fetch("SELECT detail FROM kit_audit WHERE action = 'personal_data.unmasked'")
    assert json.loads(row["detail"])["note"] == str(note.id)


async def test_an_original_moved_to_another_row_does_not_open(citizen: Citizen) -> None:
    talk, by = UUID(await conversation_of(citizen)), f"citizen:{citizen.id}"
    one = await said(f"电话{PHONE}", side="citizen", conversation=talk, by=by, mark="c1")
    other = await said("电话13811118000", side="citizen", conversation=talk, by=by, mark="c2")
    await db.execute(
        "UPDATE discretion_original SET text_sealed = (SELECT text_sealed FROM discretion_original WHERE id = $1) "
        "WHERE id = $2", UUID(one["original"]), UUID(other["original"]),
    )  # fmt: skip
    assert await originals.opened(one) == f"电话{PHONE}"
    with pytest.raises(crypto.CannotUnseal):
        await originals.opened(other)
