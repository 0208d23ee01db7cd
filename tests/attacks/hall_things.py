"""Bookings, windows and work orders, for the access matrix."""

from tests.attacks.things import BODIES, NOUNS, OTHER_ITEM, World
from tests.e2e.matters import booking_of
from tests.flows.town import Town
from tests.flows.walks import CASE_ITEM

BODIES |= {
    "POST /bookings/{id}/moving": {"place": "GA-HALL", "starts_at": "2030-01-01T09:00:00+08:00"},
    "POST /desk/windows/{id}/closing": {"starts_at": "2030-01-01T09:00:00+08:00", "reason": "access matrix"},
    "POST /work-orders/{id}/reopening": {"reason": "access matrix"},
    "POST /desk/work-orders/{id}/{action}": {"version": 9999},
}


async def hall(made: World, town: Town) -> None:
    """A booking of each citizen's, and a window of the same office and of another."""
    for name, item in (("citizen", CASE_ITEM), ("other citizen", OTHER_ITEM)):
        made.put("bookings", (await booking_of(made.people[name], item=item))["id"], name)
    for name, place, more in (("clerk", "GA-HALL", ("supervisor",)), ("clerk of another office", "ZWFW-HALL", ())):
        told = await made.people["citizen"].ask("GET", f"/booking-slots?item={CASE_ITEM if more else OTHER_ITEM}")
        day = next(p for p in told["places"] if p["code"] == place)["days"][-1]["day"]
        shown = await made.people[name].ask("GET", f"/desk/bookings?place={place}&day={day}")
        made.put("desk/windows", shown["slots"][0]["window"], name, *more)


async def matters(made: World, town: Town) -> None:
    """An order of each citizen's, at their own desks; and a complaint about the clerk, whom its desk does not tell."""
    talks = [talk for talk in made.things["consultations"] if talk.seen_by & {"citizen", "other citizen"}]
    for talk in talks:
        whose = "citizen" if "citizen" in talk.seen_by else "other citizen"
        desk = "clerk" if whose == "citizen" else "clerk of another office"
        body = {"kind": "help", "words": "access matrix", "conversation": talk.id}
        order = await made.people[desk].ask("POST", "/desk/work-orders", json=body, status=201)
        made.put("work-orders", order["id"], whose)
        made.put("desk/work-orders", order["id"], desk, *(("supervisor",) if desk == "clerk" else ()))
    about = {"kind": "complaint", "words": "access matrix", "about_staff": made.people["clerk"].who["id"]}
    complaint = await made.people["supervisor"].ask("POST", "/desk/work-orders", json=about, status=201)
    made.put("desk/work-orders", complaint["id"], "supervisor")


NOUNS |= {"bookings": hall, "desk/windows": hall, "work-orders": matters, "desk/work-orders": matters}
