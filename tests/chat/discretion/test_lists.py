"""The list of words: one wishes, another decides, every process follows; what was met is counted for supervisors."""

import asyncio

import pytest

from auth.models import Citizen, StaffMember
from chat.discretion import lists
from chat.discretion.errors import OwnWordChange, WordAlreadyListed, WordChangeDecided, WordNotListed
from chat.discretion.imports import import_words
from chat.discretion.lists import Wish
from chat.words import judge
from kit import db
from kit.errors import HouseError
from tests.chat.conftest import Roster
from tests.chat.discretion.conftest import listed
from tests.chat.office import Counter

pytestmark = pytest.mark.anyio
Keepers = tuple[StaffMember, StaffMember]
WISH = Wish("put", "傻逼", use="both", reason="辱骂")


def kinds(text: str) -> frozenset[str]:
    return judge(text, side="clerk", words=lists.of_side("clerk")).kinds


async def test_a_word_is_in_force_when_another_person_agreed(keepers: Keepers) -> None:
    one, other = keepers
    change = await lists.ask(WISH, by=one.id, name=one.name)
    assert kinds("傻逼") == frozenset()
    with pytest.raises(OwnWordChange):
        await lists.decide(change.id, approve=True, by=one.id, name=one.name)
    await lists.decide(change.id, approve=True, by=other.id, name=other.name)
    assert kinds("傻 逼") == frozenset({"forbidden"}), "at once in the process that decided"
    lists.forget()
    await lists.refresh()
    assert kinds("傻逼") == frozenset({"forbidden"}), "and in any other at its next look"
    with pytest.raises(WordAlreadyListed):
        await lists.ask(WISH, by=one.id, name=one.name)
    gone = await lists.ask(Wish("remove", "傻 逼", reason="误收"), by=other.id, name=other.name)
    await lists.decide(gone.id, approve=True, by=one.id, name=one.name)
    assert kinds("傻逼") == frozenset()
    acts = await db.fetch("SELECT action FROM kit_audit WHERE action LIKE 'words.%' ORDER BY seq")
    assert [a["action"] for a in acts] == ["words.asked", "words.approved", "words.asked", "words.approved"]


async def test_what_was_refused_changes_nothing(keepers: Keepers) -> None:
    one, other = keepers
    change = await lists.ask(WISH, by=one.id, name=one.name)
    await lists.decide(change.id, approve=False, by=other.id, name=other.name)
    with pytest.raises(WordChangeDecided):
        await lists.decide(change.id, approve=True, by=other.id, name=other.name)
    assert await db.fetch_value("SELECT count(*) FROM discretion_word") == 0
    assert await db.fetch_value("SELECT version FROM discretion_version") == 0
    with pytest.raises(WordNotListed):
        await lists.ask(Wish("remove", "傻逼", reason="误收"), by=one.id, name=one.name)


async def test_of_two_who_decide_at_once_one_does(keepers: Keepers) -> None:
    one, other = keepers
    third = keepers[1].id.__class__(int=7)
    for round_ in range(10):
        change = await lists.ask(Wish("put", f"坏词{round_}", reason="试行"), by=one.id, name=one.name)

        async def decide(who: object, *, approve: bool, id_: object = change.id) -> str:
            try:
                done = await lists.decide(id_, approve=approve, by=who, name="x")  # type: ignore[arg-type]
            except HouseError as error:
                return error.code
            return done.state

        told = await asyncio.gather(decide(other.id, approve=True), decide(third, approve=False))
        assert max(told) == "word_change_decided"
        winner = next(one for one in told if one != "word_change_decided")
        assert winner in {"approved", "refused"}
        there = await db.fetch_value("SELECT count(*) FROM discretion_word WHERE squeezed = $1", f"坏词{round_}")
        assert there == (winner == "approved")


async def test_a_file_of_words_is_taken_once(keepers: Keepers, tmp_path: object) -> None:
    from pathlib import Path

    file = Path(str(tmp_path)) / "words.yaml"
    file.write_text(
        "words:\n  - {word: 傻逼, use: both}\n  - {word: 他妈妈, use: harmless}\n  - {word: '', use: both}\n"
    )
    report = await import_words(file)
    assert (report.imported, len(report.problems)) == (0, 1)
    report = await import_words(file, keep_going=True)
    assert (report.imported, report.unchanged) == (2, 0)
    report = await import_words(file, keep_going=True)
    assert (report.imported, report.unchanged) == (0, 2)
    assert kinds("傻逼") == frozenset({"forbidden"})


async def test_abusive_words_are_hidden_told_to_their_writer_and_counted(
    desk: Counter, roster: Roster, citizen: Citizen
) -> None:
    await listed("傻逼", "both")
    opened = await desk.ask(citizen, "你们这些傻逼，傻 逼")
    page = await desk.call(citizen, "GET", f"/consultations/{opened['id']}/messages")
    assert (page["items"][0]["body"]["text"], page["items"][0]["body"]["masked"]) == ("你们这些**，* *", ["abusive"])
    told = await desk.call(roster.supervisor, "GET", "/words/abuse")
    assert (told["times"], [(i["conversation"], i["times"], i["messages"]) for i in told["items"]]) == (
        2, [(opened["id"], 2, 1)],
    )  # fmt: skip
    await desk.call(roster.owner, "GET", "/words/abuse", expect=403)


async def test_only_keepers_see_and_change_the_list(
    desk: Counter, roster: Roster, citizen: Citizen, keepers: Keepers
) -> None:
    body = {"act": "put", "word": "坏词", "use": "clerks", "strict": True, "reason": "试行"}
    for person in (citizen, roster.owner):
        await desk.call(person, "GET", "/words", expect=403)
        await desk.call(person, "POST", "/words/changes", body, expect=403)
    made = await desk.call(roster.supervisor, "POST", "/words/changes", body, expect=201)
    assert made["mine"] is True
    await desk.call(roster.supervisor, "POST", f"/words/changes/{made['id']}/decision", {"approve": True}, expect=409)
    done = await desk.call(keepers[1], "POST", f"/words/changes/{made['id']}/decision", {"approve": True})
    assert (done["state"], done["mine"]) == ("approved", False)
    told = await desk.call(keepers[1], "GET", "/words")
    assert [(w["word"], w["use"], w["strict"]) for w in told["words"]] == [("坏词", "clerks", True)]
