"""
Judges a history: what was acked is there and shown, once, at one place, in one order.

lost         acked, but not among the rows; or a row a member's device never showed
duplicate    one send at two places; or one place given twice to a connection that did not ask again
phantom      shown or stored, but never said so: by nobody, with other words, elsewhere, or refused for good
reorder      a device shows, or a connection is told, a lower number after a higher one
gap          the rows are not 1..n, or a device shows a number without the one before
split        one place with two sends, or one send acked at two places
time travel  a was acked before b was said, and stands after b
stale        a device shows a text otherwise than it reads after the last edit or recall of it
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.chaos.history import Event, Row

CLASSES = ("lost", "duplicate", "phantom", "reorder", "gap", "split", "time travel", "stale")
CHANGED = "\0"  # begins the note of a text that is shown as it became
Latest = Mapping[tuple[str, int], str]
Said = dict[str, tuple[str, str, float]]  # client_id → conversation, text, when


@dataclass
class Verdict:
    """What was found, by class, each a sentence."""

    found: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in CLASSES})

    def add(self, kind: str, sentence: str) -> None:
        self.found[kind].append(sentence)

    @property
    def clean(self) -> bool:
        return not any(self.found.values())

    def counts(self) -> dict[str, int]:
        return {name: len(sentences) for name, sentences in self.found.items()}

    def __str__(self) -> str:
        return ", ".join(f"{name} {count}" for name, count in self.counts().items())

    def sentences(self, *, at_most: int = 5) -> list[str]:
        return [f"{name}: {one}" for name, all_ in self.found.items() for one in all_[:at_most]]


def judge(
    events: Iterable[Event], rows: Iterable[Row], *, members: Mapping[str, set[str]], latest: Latest | None = None
) -> Verdict:
    """
    `members`: device → the conversations it must show whole once all is quiet; `latest`: what every text reads as then,
    by conversation and place.
    """
    events, rows = list(events), list(rows)
    verdict = Verdict()
    said: Said = {e.client_id: (e.conversation, e.note, e.at) for e in reversed(events) if e.what == "invoke"}
    _stored(rows, said, verdict)
    _acked(events, rows, verdict)
    _shown(events, rows, verdict, said=said, members=members)
    _told(events, verdict)
    _time_travel(events, rows, verdict, said=said)
    _stale(events, verdict, members=members, latest=latest or {})
    return verdict


def _stored(rows: list[Row], said: Said, verdict: Verdict) -> None:
    numbers: dict[str, list[int]] = defaultdict(list)
    place: dict[str, tuple[str, int]] = {}
    for row in rows:
        numbers[row.conversation].append(row.seq)
        if not row.client_id:
            continue
        if row.client_id in place:
            verdict.add("duplicate", f"{row.client_id} is stored at {place[row.client_id]} and {row[:2]}")
        place[row.client_id] = (row.conversation, row.seq)
        if said.get(row.client_id, ("", "", 0.0))[:2] != (row.conversation, row.text):
            verdict.add("phantom", f"{row} was never said so")
    for conversation, seqs in numbers.items():
        if len(set(seqs)) != len(seqs):
            verdict.add("split", f"{conversation} has a number twice")
        if sorted(set(seqs)) != list(range(1, len(set(seqs)) + 1)):
            verdict.add("gap", f"{conversation} has {len(set(seqs))} numbers up to {max(seqs)}")


def _acked(events: list[Event], rows: list[Row], verdict: Verdict) -> None:
    stored = {(r.conversation, r.client_id): r.seq for r in rows}
    acked: dict[str, int] = {}
    for e in events:
        if e.what != "ok":
            continue
        if acked.setdefault(e.client_id, e.seq) != e.seq:
            verdict.add("split", f"{e.client_id} was acked at {acked[e.client_id]} and at {e.seq}")
        if (e.conversation, e.client_id) not in stored:
            verdict.add("lost", f"{e.client_id} was acked at {e.conversation} {e.seq} and is not stored")
        elif stored[e.conversation, e.client_id] != e.seq:
            verdict.add("split", f"{e.client_id} was acked at {e.seq} and is stored elsewhere")
    for e in events:
        if e.what == "refused" and (e.conversation, e.client_id) in stored:
            verdict.add("phantom", f"{e.client_id} was refused ({e.note}) and is stored")


def _shown(
    events: list[Event], rows: list[Row], verdict: Verdict, *, said: Said, members: Mapping[str, set[str]]
) -> None:
    stored = {(r.conversation, r.seq): r.client_id for r in rows}
    shown: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)
    last: dict[tuple[str, str], int] = defaultdict(int)
    once: dict[tuple[str, str], int] = {}
    edits = {(conversation, note) for conversation, note, _ in said.values() if note.startswith("edit ")}
    for e in events:
        if e.what != "show":
            continue
        place = f"{e.device} shows {e.client_id or 'a notice'} at {e.conversation} {e.seq}"
        seen = shown[e.device, e.conversation]
        if e.seq in seen:
            verdict.add("duplicate", f"{place} again")
        elif e.seq < last[e.device, e.conversation]:
            verdict.add("reorder", f"{place} after {last[e.device, e.conversation]}")
        elif e.seq > last[e.device, e.conversation] + 1:
            verdict.add("gap", f"{place} right after {last[e.device, e.conversation]}")
        seen[e.seq] = e.client_id
        last[e.device, e.conversation] = max(e.seq, last[e.device, e.conversation])
        _same_everywhere(e, place, stored, verdict)
        if e.client_id:
            if once.setdefault((e.device, e.client_id), e.seq) != e.seq:
                verdict.add("duplicate", f"{place} and at {once[e.device, e.client_id]}")
            if not _said_so(e, said, edits):
                verdict.add("phantom", f"{place}, never said so")
    for device, conversations in members.items():
        for row in rows:
            if row.conversation in conversations and row.seq not in shown[device, row.conversation]:
                verdict.add("lost", f"{device} never showed {row.conversation} {row.seq}")


def _said_so(e: Event, said: Said, edits: set[tuple[str, str]]) -> bool:
    """As it was said; or as it became: then a text says that it changed, and an edit reads like a later one of it."""
    conversation, text, _ = said.get(e.client_id, ("", "", 0.0))
    if conversation != e.conversation:
        return False
    if text == e.note or e.note.startswith(CHANGED):
        return True
    return text.split(" ")[:2] == e.note.split(" ")[:2] and (conversation, e.note) in edits


def _same_everywhere(e: Event, place: str, stored: Mapping[tuple[str, int], str], verdict: Verdict) -> None:
    if (e.conversation, e.seq) not in stored:
        verdict.add("phantom", f"{place}, where nothing is stored")
    elif stored[e.conversation, e.seq] != e.client_id:
        verdict.add("split", f"{place}, where {stored[e.conversation, e.seq] or 'a notice'} is stored")


def _told(events: list[Event], verdict: Verdict) -> None:
    """Of one connection, as long as it asks once: a device that asks again is given again."""
    floor: dict[tuple[str, str], int] = {}
    asked_again: set[tuple[str, str]] = set()
    seen: dict[tuple[str, str], set[int]] = defaultdict(set)
    for e in events:
        key = (e.note, e.conversation)
        if e.what == "begin":
            floor[key] = e.seq
        elif e.what == "again":
            asked_again.add(key)
        elif e.what == "told" and key not in asked_again:
            if e.seq in seen[key]:
                verdict.add("duplicate", f"{e.device} was told {e.conversation} {e.seq} twice over one connection")
            elif e.seq <= floor.get(key, 0):
                verdict.add("duplicate", f"{e.device} was told {e.conversation} {e.seq}, which it said it had")
            elif e.seq < max(seen[key], default=0):
                verdict.add("reorder", f"{e.device} was told {e.conversation} {e.seq} after {max(seen[key])}")
            seen[key].add(e.seq)


def _time_travel(events: list[Event], rows: list[Row], verdict: Verdict, *, said: Said) -> None:
    """What somebody has an ack of stands before whatever is said afterwards, whoever says it."""
    place = {r.client_id: r.seq for r in rows if r.client_id}
    settled: dict[str, tuple[int, str]] = {}  # conversation → the highest number acked so far, and of what
    begun: set[str] = set()
    for e in events:
        if e.what == "ok":
            settled[e.conversation] = max(settled.get(e.conversation, (0, "")), (e.seq, e.client_id))
        elif e.what == "invoke" and e.client_id not in begun:
            begun.add(e.client_id)
            top, of = settled.get(e.conversation, (0, ""))
            if place.get(e.client_id, top + 1) < top:
                verdict.add("time travel", f"{e.client_id} was said after {of} was acked, and stands before it")


def _stale(events: list[Event], verdict: Verdict, *, members: Mapping[str, set[str]], latest: Latest) -> None:
    reads: dict[str, dict[tuple[str, int], str]] = defaultdict(dict)
    for e in events:
        if e.what != "show":
            continue
        kind, _, rest = e.note.partition(" ")
        reads[e.device][e.conversation, e.seq] = e.note.removeprefix(CHANGED)
        if kind in {"edit", "recall"}:
            of, _, text = rest.partition(" ")
            reads[e.device][e.conversation, int(of)] = text
    for device, conversations in members.items():
        for place, text in latest.items():
            if place[0] in conversations and reads[device].get(place, text) != text:
                verdict.add("stale", f"{device} shows {place} as {reads[device][place]!r}, which reads {text!r}")
