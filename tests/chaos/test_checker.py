"""The checker finds every kind of trouble in planted histories, and nothing in a clean one."""

from collections.abc import Callable

import pytest

from tests.chaos.checker import CLASSES, Verdict, judge
from tests.chaos.history import Event, Row

A, B = "phone", "desk"
MEMBERS = {A: {"c"}, B: {"c"}}


def clean() -> tuple[list[Event], list[Row]]:
    """Two devices, one conversation: a notice, then x of the phone, then y of the desk."""
    events = [
        Event(0.0, "begin", A, "c", note="A1"),
        Event(0.0, "begin", B, "c", note="B1"),
        Event(0.1, "told", A, "c", seq=1, note="A1"),
        Event(0.1, "show", A, "c", seq=1, note="notice"),
        Event(0.1, "told", B, "c", seq=1, note="B1"),
        Event(0.1, "show", B, "c", seq=1, note="notice"),
        Event(1.0, "invoke", A, "c", "x", note="hello"),
        Event(1.1, "ok", A, "c", "x", 2),
        Event(1.1, "show", A, "c", "x", 2, "hello"),
        Event(1.2, "told", B, "c", "x", 2, "B1"),
        Event(1.2, "show", B, "c", "x", 2, "hello"),
        Event(2.0, "invoke", B, "c", "y", note="good day"),
        Event(2.1, "ok", B, "c", "y", 3),
        Event(2.1, "show", B, "c", "y", 3, "good day"),
        Event(2.2, "told", A, "c", "y", 3, "A1"),
        Event(2.2, "show", A, "c", "y", 3, "good day"),
    ]  # fmt: skip
    return events, [Row("c", 1, "", "notice"), Row("c", 2, "x", "hello"), Row("c", 3, "y", "good day")]


def test_a_clean_history_is_clean() -> None:
    events, rows = clean()
    verdict = judge(events, rows, members=MEMBERS)
    assert verdict.sentences() == []
    assert verdict.clean
    assert str(verdict) == "lost 0, duplicate 0, phantom 0, reorder 0, gap 0, split 0, time travel 0, stale 0"


Plant = Callable[[list[Event], list[Row]], None]


def drop(events: list[Event], **like: object) -> None:
    """Takes the one event out that looks like this."""
    found = [e for e in events if all(getattr(e, k) == v for k, v in like.items())]
    assert len(found) == 1, found
    events.remove(found[0])


def acked_but_not_stored(events: list[Event], rows: list[Row]) -> None:
    rows.pop()
    drop(events, what="show", device=A, seq=3)
    drop(events, what="show", device=B, seq=3)


def acked_but_never_shown_elsewhere(events: list[Event], _: list[Row]) -> None:
    drop(events, what="show", device=A, seq=3)


def a_notice_nobody_saw(_: list[Event], rows: list[Row]) -> None:
    rows.append(Row("c", 4, "", "closed"))


def one_send_stored_twice(events: list[Event], rows: list[Row]) -> None:
    rows.append(Row("c", 4, "y", "good day"))
    events += [Event(3.0, "show", d, "c", "y", 4, "good day") for d in (A, B)]


def shown_twice(events: list[Event], _: list[Row]) -> None:
    events.append(Event(3.0, "show", A, "c", "y", 3, "good day"))


def told_twice(events: list[Event], _: list[Row]) -> None:
    events.append(Event(3.0, "told", A, "c", "y", 3, "A1"))


def told_what_it_had(events: list[Event], _: list[Row]) -> None:
    events += [Event(3.0, "begin", A, "c", seq=3, note="A2"), Event(3.1, "told", A, "c", "y", 3, "A2")]


def never_said(events: list[Event], rows: list[Row]) -> None:
    rows.append(Row("c", 4, "z", "who?"))
    events += [Event(3.0, "show", d, "c", "z", 4, "who?") for d in (A, B)]


def other_words(events: list[Event], rows: list[Row]) -> None:
    rows[2] = Row("c", 3, "y", "bad day")


def shown_but_not_stored(events: list[Event], _: list[Row]) -> None:
    events += [Event(3.0, "invoke", A, "c", "z", note="!"), Event(3.1, "show", B, "c", "z", 4, "!")]


def refused_and_stored(events: list[Event], _: list[Row]) -> None:
    drop(events, what="ok", client_id="y")
    events.append(Event(2.1, "refused", B, "c", "y", note="conversation_closed"))


def in_another_conversation(events: list[Event], rows: list[Row]) -> None:
    rows.append(Row("d", 1, "z", "!"))
    events.append(Event(3.0, "invoke", A, "c", "z", note="!"))


def shown_in_wrong_order(events: list[Event], _: list[Row]) -> None:
    two = next(e for e in events if (e.what, e.device, e.seq) == ("show", A, 2))
    events.remove(two)
    events.append(two._replace(at=3.0))


def told_in_wrong_order(events: list[Event], _: list[Row]) -> None:
    two = next(e for e in events if (e.what, e.device, e.seq) == ("told", B, 2))
    events.append(Event(0.9, "told", B, "c", "y", 3, "B1"))
    events.remove(two)
    events.append(two._replace(at=3.0))


def a_number_left_out(_: list[Event], rows: list[Row]) -> None:
    rows[2] = rows[2]._replace(seq=4)


def a_number_not_shown_before_the_next(events: list[Event], _: list[Row]) -> None:
    drop(events, what="show", device=A, seq=2)


def one_number_of_two_sends(events: list[Event], rows: list[Row]) -> None:
    rows.append(Row("c", 3, "z", "me too"))
    events.append(Event(2.0, "invoke", A, "c", "z", note="me too"))


def one_number_shown_as_two(events: list[Event], _: list[Row]) -> None:
    three = next(e for e in events if (e.what, e.device, e.seq) == ("show", A, 3))
    events[events.index(three)] = three._replace(client_id="x", note="hello")


def acked_at_two_places(events: list[Event], _: list[Row]) -> None:
    events.append(Event(3.0, "ok", B, "c", "y", 4))


def said_later_and_stands_earlier(events: list[Event], rows: list[Row]) -> None:
    rows[1], rows[2] = Row("c", 2, "y", "good day"), Row("c", 3, "x", "hello")
    events[:] = [e._replace(seq={"x": 3, "y": 2}[e.client_id]) if e.client_id and e.seq else e for e in events]


PLANTED: list[tuple[Plant, str]] = [
    (acked_but_not_stored, "lost"),
    (acked_but_never_shown_elsewhere, "lost"),
    (a_notice_nobody_saw, "lost"),
    (one_send_stored_twice, "duplicate"),
    (shown_twice, "duplicate"),
    (told_twice, "duplicate"),
    (told_what_it_had, "duplicate"),
    (never_said, "phantom"),
    (other_words, "phantom"),
    (shown_but_not_stored, "phantom"),
    (refused_and_stored, "phantom"),
    (in_another_conversation, "phantom"),
    (shown_in_wrong_order, "reorder"),
    (told_in_wrong_order, "reorder"),
    (a_number_left_out, "gap"),
    (a_number_not_shown_before_the_next, "gap"),
    (one_number_of_two_sends, "split"),
    (one_number_shown_as_two, "split"),
    (acked_at_two_places, "split"),
    (said_later_and_stands_earlier, "time travel"),
]


@pytest.mark.parametrize(("plant", "kind"), PLANTED, ids=lambda v: getattr(v, "__name__", ""))
def test_a_planted_fault_is_found(plant: Plant, kind: str) -> None:
    events, rows = clean()
    plant(events, rows)
    verdict: Verdict = judge(events, rows, members=MEMBERS)
    assert verdict.counts()[kind] >= 1, verdict.sentences()


def test_every_kind_of_trouble_is_planted_at_least_once() -> None:
    assert {kind for _, kind in PLANTED} | {"stale"} == set(CLASSES)  # that one is planted below


def changed() -> tuple[list[Event], list[Row]]:
    """After the clean history the phone edits x, then the desk recalls y."""
    events, rows = clean()
    events += [
        Event(3.0, "invoke", A, "c", "z", note="edit 2 hello!"),
        Event(3.1, "ok", A, "c", "z", 4),
        Event(3.1, "show", A, "c", "z", 4, "edit 2 hello!"),
        Event(3.2, "show", B, "c", "z", 4, "edit 2 hello!"),
        Event(4.0, "invoke", B, "c", "w", note="recall 3"),
        Event(4.1, "ok", B, "c", "w", 5),
        Event(4.1, "show", B, "c", "w", 5, "recall 3"),
        Event(4.2, "show", A, "c", "w", 5, "recall 3"),
    ]
    return events, [*rows, Row("c", 4, "z", "edit 2 hello!"), Row("c", 5, "w", "recall 3")]


def test_edits_and_recalls_are_carried_out_by_every_device() -> None:
    events, rows = changed()
    latest = {("c", 2): "hello!", ("c", 3): ""}
    assert judge(events, rows, members=MEMBERS, latest=latest).sentences() == []
    assert judge(events, rows, members=MEMBERS, latest={**latest, ("c", 3): "good day"}).counts()["stale"] == 2
    assert judge(events, rows, members=MEMBERS, latest={**latest, ("c", 2): "hello"}).counts()["stale"] == 2


def test_who_was_away_may_be_shown_a_text_as_it_became() -> None:
    events, rows = changed()
    place = events.index(next(e for e in events if (e.what, e.device, e.seq) == ("show", B, 2)))
    events[place] = events[place]._replace(note="\0hello!")
    assert judge(events, rows, members=MEMBERS, latest={("c", 2): "hello!", ("c", 3): ""}).clean


@pytest.mark.parametrize(("shown", "phantoms"), [("edit 2 hello?", 0), ("edit 2 bye", 1), ("edit 3 hello?", 1)])
def test_an_edit_may_be_shown_as_a_later_edit_of_the_same_text_reads(shown: str, phantoms: int) -> None:
    events, rows = changed()
    place = events.index(next(e for e in events if (e.what, e.device, e.seq) == ("show", B, 4)))
    events[place] = events[place]._replace(note=shown)
    events += [Event(5.0, "invoke", A, "c", "v", note="edit 2 hello?"), Event(5.1, "ok", A, "c", "v", 6)]
    events += [Event(5.1, "show", d, "c", "v", 6, "edit 2 hello?") for d in (A, B)]
    rows.append(Row("c", 6, "v", "edit 2 hello?"))
    latest = {("c", 2): "hello?", ("c", 3): ""}
    assert judge(events, rows, members=MEMBERS, latest=latest).counts()["phantom"] == phantoms


def test_a_send_without_an_answer_may_be_there_once_or_not_at_all() -> None:
    events, rows = clean()
    events.append(Event(3.0, "invoke", A, "c", "z", note="?"))
    assert judge(events, rows, members=MEMBERS).clean
    rows.append(Row("c", 4, "z", "?"))
    events += [Event(3.5, "show", d, "c", "z", 4, "?") for d in (A, B)]
    assert judge(events, rows, members=MEMBERS).clean


def test_whoever_asks_again_may_be_told_again() -> None:
    events, rows = clean()
    events += [Event(3.0, "again", A, "c", seq=1, note="A1"), Event(3.1, "told", A, "c", "x", 2, "A1"),
               Event(3.1, "told", A, "c", "y", 3, "A1")]  # fmt: skip
    assert judge(events, rows, members=MEMBERS).clean
