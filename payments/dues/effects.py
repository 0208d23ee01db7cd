"""What an amendment's terms make of a bill. Pure: the bill as it is and a day in, what changes out."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from kit.workdays import Calendar
from payments.bills import Due, due_on
from payments.dues.errors import TermsNotPossible
from payments.dues.plans import MOST_PARTS, Part, days_of, divided
from payments.dues.states import AmendmentKind
from payments.models import Bill
from payments.states import BillState

LONGEST = timedelta(days=366)
LEAST_PART_FEN = 100


@dataclass(frozen=True)
class Terms:
    """What is proposed; each kind reads its own."""

    principal_fen: int = 0
    surcharge_fen: int = 0
    since: date | None = None
    until: date | None = None
    parts: int = 0

    def kept(self, kind: AmendmentKind) -> dict[str, Any]:
        """As the amendment keeps them."""
        of = {
            AmendmentKind.WAIVER: ("principal_fen", "surcharge_fen"),
            AmendmentKind.DEFERRAL: ("until",),
            AmendmentKind.INSTALMENTS: ("parts", "since"),
            AmendmentKind.STAY: ("since", "until"),
            AmendmentKind.WITHDRAWAL: (),
        }[kind]
        values = {name: getattr(self, name) for name in of}
        return {name: v.isoformat() if isinstance(v, date) else v for name, v in values.items()}


def terms_from(kept: dict[str, Any]) -> Terms:
    days = {name: date.fromisoformat(kept[name]) for name in ("since", "until") if kept.get(name)}
    return Terms(
        kept.get("principal_fen", 0), kept.get("surcharge_fen", 0), days.get("since"), days.get("until"),
        kept.get("parts", 0),
    )  # fmt: skip


@dataclass(frozen=True)
class Effect:
    """Columns of the bill that change, and the parts of a plan."""

    columns: dict[str, Any] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)


def effect(bill: Bill, kind: AmendmentKind, terms: Terms, *, today: date, calendar: Calendar) -> Effect:
    """
    What approving `terms` today changes. Raises TermsNotPossible.

    A plan is agreed over all that is due, so nothing but a stay is agreed beside it.
    """
    if bill.part_place is not None and kind is not AmendmentKind.STAY:
        raise TermsNotPossible
    if kind is AmendmentKind.WAIVER:
        return _waived(bill, terms, due=due_on(bill, today))
    if kind is AmendmentKind.DEFERRAL:
        return _deferred(bill, terms, today=today, calendar=calendar)
    if kind is AmendmentKind.INSTALMENTS:
        return _divided(bill, terms, today=today, calendar=calendar)
    if kind is AmendmentKind.STAY:
        return _stayed(bill, terms)
    return Effect()


def _waived(bill: Bill, terms: Terms, *, due: Due) -> Effect:
    """
    Waiving principal lowers what the surcharge is counted on; a waived surcharge stays waived in fen, so that days to
    come count on (administrative compulsion law art. 42).
    """
    principal, surcharge = terms.principal_fen, terms.surcharge_fen
    if not 0 <= principal <= due.principal_fen or not 0 <= surcharge <= due.surcharge_fen or principal + surcharge == 0:
        raise TermsNotPossible
    columns: dict[str, Any] = {
        "waived_principal_fen": bill.waived_principal_fen + principal,
        "waived_surcharge_fen": bill.waived_surcharge_fen + surcharge,
    }
    if principal == due.principal_fen:  # of nothing nothing grows
        columns["state"] = BillState.WAIVED
    return Effect(columns)


def _deferred(bill: Bill, terms: Terms, *, today: date, calendar: Calendar) -> Effect:
    """
    In time it moves the day (penalty law art. 66); late it stops the surcharge from today on, and what has grown stays
    owed.
    """
    until = terms.until
    if until is None or until <= max(today, bill.due_on) or until - today > LONGEST:
        raise TermsNotPossible
    until = calendar.next_workday(until)
    if today <= bill.due_on:
        return Effect({"due_on": until, "first_due_on": bill.first_due_on or bill.due_on})
    return Effect({"stays": [*bill.stays, [today.isoformat(), until.isoformat()]]})


def _divided(bill: Bill, terms: Terms, *, today: date, calendar: Calendar) -> Effect:
    due, first = due_on(bill, today), terms.since
    if first is None or not today <= first <= today + LONGEST or not 2 <= terms.parts <= MOST_PARTS:
        raise TermsNotPossible
    if due.principal_fen < terms.parts * LEAST_PART_FEN:
        raise TermsNotPossible
    days = days_of(first, many=terms.parts, calendar=calendar)
    parts = divided(due.principal_fen, due.surcharge_fen, days=days)
    return Effect(
        {
            "part_place": 1, "part_principal_fen": parts[0].principal_fen, "part_surcharge_fen": parts[0].surcharge_fen,
            "due_on": parts[0].due_on, "first_due_on": bill.first_due_on or bill.due_on,
        },
        parts,
    )  # fmt: skip


def _stayed(bill: Bill, terms: Terms) -> Effect:
    """Days of a review or a lawsuit do not count (penalty law art. 73); open until the last day is known."""
    if terms.since is None or (terms.until is not None and terms.until < terms.since):
        raise TermsNotPossible
    last = terms.until.isoformat() if terms.until else None
    return Effect({"stays": [*bill.stays, [terms.since.isoformat(), last]]})


def stay_ended(bill: Bill, last_day: date) -> Effect:
    """The open stay ends with `last_day`. Raises TermsNotPossible when none is open, or it began later."""
    still = [stay for stay in bill.stays if stay[1] is None]
    if not still or any(last_day < date.fromisoformat(stay[0] or "") for stay in still):
        raise TermsNotPossible
    return Effect({"stays": [[stay[0], stay[1] or last_day.isoformat()] for stay in bill.stays]})
