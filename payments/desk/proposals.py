"""
Worked by two people: one proposes what is done about a difference or an exception, another one agrees or refuses.

Nothing that was found is edited. What an action books is a new entry of today; what needs the channel is asked after
the decision is committed, and goes through the doors of every payment and refund.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from asyncpg import Record

from kit import audit, clock, db
from kit.errors import FieldError, InvalidRequest
from kit.ids import new_id
from kit.texts import text
from payments.desk import matters
from payments.desk.booking import postings_for
from payments.desk.carrying import AT_ONCE, carry_out, finish, refuse_impossible
from payments.desk.errors import (
    ActionNotAllowed,
    ByTheSamePerson,
    MatterChanged,
    MatterOver,
    MatterProposed,
    NothingProposed,
)
from payments.desk.states import ACTIONS, Action, ProposalState, actions_for

LONGEST_WAIT = timedelta(days=31)


@dataclass(frozen=True)
class NewProposal:
    """What somebody wants done. `note` is the reason; `expected_by` where the action waits for a day."""

    action: Action
    note: str
    expected_by: date | None = None


async def take(subject: UUID, *, by: UUID) -> None:
    """Makes it theirs, whoever had it before. Raises NotFound, MatterOver."""
    async with db.transaction():
        matter = await matters.locked(subject)
        _still_open(matter)
        await _own(subject, by=by)
        await audit.record(
            actor=f"staff:{by}", action="difference.taken", subject=f"{matter['source']}:{subject}",
            former=str(matter["owner"] or ""),
        )  # fmt: skip


async def _own(subject: UUID, *, by: UUID, unless_owned: bool = False) -> None:
    keep = "coalesce(desk_work.owner, $2)" if unless_owned else "$2"
    await db.execute(
        f"INSERT INTO desk_work (subject, owner, owned_at) VALUES ($1, $2, $3) ON CONFLICT (subject) DO UPDATE "  # noqa: S608 - ours
        f"SET owner = {keep}, owned_at = coalesce(CASE WHEN desk_work.owner = {keep} THEN desk_work.owned_at END, $3)",
        subject, by, clock.now(),
    )  # fmt: skip


async def propose(subject: UUID, new: NewProposal, *, by: UUID) -> UUID:
    """
    Proposes an action. Who proposes becomes the owner when nobody was.

    Raises: NotFound, MatterOver, MatterProposed, ActionNotAllowed, NothingToBook, AskTheChannel, StillExpected,
    NoDisputedMoney, InvalidRequest.
    """
    async with db.transaction():
        matter = await matters.locked(subject)
        _still_open(matter)
        if matter["proposal"] is not None:
            raise MatterProposed
        if new.action not in actions_for(matter["kind"]):
            raise ActionNotAllowed
        _refuse_wrong_day(new)
        await refuse_impossible(new.action, matter)
        proposal = new_id()
        await db.execute(
            "INSERT INTO desk_proposal (id, source, subject, action, note, expected_by, ours_fen, theirs_fen, state, "
            "proposed_by, proposed_at, decision_note, attempts, outcome, booked) "
            "VALUES ($1,$2,$3,$4,$5,$6,$7,$8,'waiting',$9,$10,'',0,'','[]')",
            proposal, matter["source"], subject, str(new.action), new.note, new.expected_by, matter["ours_fen"],
            matter["theirs_fen"], by, clock.now(),
        )  # fmt: skip
        await _own(subject, by=by, unless_owned=True)
        await audit.record(
            actor=f"staff:{by}", action="difference.proposed", subject=f"{matter['source']}:{subject}",
            proposal=str(proposal), doing=str(new.action), ours_fen=matter["ours_fen"],
            theirs_fen=matter["theirs_fen"],
        )  # fmt: skip
    return proposal


def _still_open(matter: Record) -> None:
    if matter["state"] != "open":
        raise MatterOver


def _refuse_wrong_day(new: NewProposal) -> None:
    if ACTIONS[new.action].waits != (new.expected_by is not None):
        code, words = "missing" if new.expected_by is None else "unexpected", text("请填写等待至哪一天", "Name the day")
        raise InvalidRequest(errors=[FieldError(field="expected_by", code=code, detail=words)])
    if new.expected_by is not None and not clock.today() < new.expected_by <= clock.today() + LONGEST_WAIT:
        words = text("等待日须在明日起 31 日内", "The day lies within the next 31 days")
        raise InvalidRequest(errors=[FieldError(field="expected_by", code="out_of_range", detail=words)])


async def decide(subject: UUID, proposed: UUID | None, *, approve: bool, note: str, by: UUID) -> None:
    """
    Agrees to what is `proposed`, and does it; or refuses it. Who proposed may only take it back. A proposal put in the
    place of the one that was read is not decided; who names none decides whichever waits.

    Raises: NotFound, NothingProposed, ByTheSamePerson, MatterOver, MatterChanged, and what `propose` raises when it has
    become impossible since.
    """
    async with db.transaction():
        matter = await matters.locked(subject)
        proposal = await _waiting(subject, proposed)
        if approve and proposal["proposed_by"] == by:
            raise ByTheSamePerson
        if not approve:
            mine = proposal["proposed_by"] == by
            await _end(proposal, ProposalState.WITHDRAWN if mine else ProposalState.REFUSED, note=note, by=by)
            return
        _still_open(matter)
        if (matter["ours_fen"], matter["theirs_fen"]) != (proposal["ours_fen"], proposal["theirs_fen"]):
            raise MatterChanged
        await refuse_impossible(Action(proposal["action"]), matter)
        await db.execute(
            "UPDATE desk_proposal SET state = 'approved', decided_by = $2, decided_at = $3, decision_note = $4 "
            "WHERE id = $1",
            proposal["id"], by, clock.now(), note,
        )  # fmt: skip
        await audit.record(
            actor=f"staff:{by}", action="difference.approved", subject=f"{matter['source']}:{subject}",
            proposal=str(proposal["id"]), doing=proposal["action"], proposed_by=str(proposal["proposed_by"]),
        )  # fmt: skip
        if Action(proposal["action"]) in AT_ONCE:
            await finish(proposal, matter)
    if Action(proposal["action"]) not in AT_ONCE:
        await carry_out(proposal["id"])


async def _waiting(subject: UUID, proposed: UUID | None) -> Record:
    rows = await db.fetch(
        "SELECT * FROM desk_proposal WHERE subject = $1 AND id = coalesce($2, id) AND state = 'waiting' FOR UPDATE",
        subject, proposed,
    )  # fmt: skip
    if not rows:
        raise NothingProposed
    return rows[0]


async def _end(proposal: Record, to: ProposalState, *, note: str, by: UUID) -> None:
    now = clock.now()
    await db.execute(
        "UPDATE desk_proposal SET state = $2, decided_by = $3, decided_at = $4, decision_note = $5, ended_at = $4 "
        "WHERE id = $1",
        proposal["id"], str(to), by, now, note,
    )  # fmt: skip
    await audit.record(
        actor=f"staff:{by}", action=f"difference.proposal_{to}", subject=f"{proposal['source']}:{proposal['subject']}",
        proposal=str(proposal["id"]),
    )  # fmt: skip


def preview(action: Action, matter: Record) -> list[tuple[str, int]]:
    """What an action would book today, for the person who decides."""
    return postings_for(action, matter) if action in {Action.SUSPENSE, Action.FEE, Action.RECOVER} else []
