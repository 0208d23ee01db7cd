"""What acting for others keeps of a person, on either side of a mandate."""

from tortoise.expressions import Q

from auth.acting import evidence
from auth.acting.accounts import open_claim
from auth.acting.mandates import agent_id, move, state_of
from auth.acting.models import Appointment, Deed, LegalPerson, Mandate, Represented
from auth.acting.states import LIVING, MandateState
from auth.models import Citizen
from auth.privacy.contributors import Chapter, Contributor, Kept, Matter
from kit import clock, crypto
from kit.texts import text

GROUND = "PIPL 13(1)(3), 31, 34; Civil Code 161-164"
MANDATES = text("代办授权", "Acting for others")
WHY = text("证明谁为谁办了什么", "To prove who did what for whom")
ARCHIVE = text("授权结束后 3 年", "3 years after the mandate ended")

KEPT = tuple(
    Kept(table, MANDATES, WHY, GROUND, ARCHIVE, at_closure)  # type: ignore[arg-type]  # a literal of the row
    for table, at_closure in (
        ("acting_mandate", "pseudonymised"),
        ("acting_mandate_change", "kept"),
        ("acting_deed", "pseudonymised"),
        ("acting_appointment", "pseudonymised"),
        ("acting_represented", "pseudonymised"),
        ("acting_legal_person", "kept"),
    )
)


def _of(person: Citizen) -> Q:
    return Q(principal_id=person.id) | Q(agent_id=person.id)


async def about(person: Citizen) -> list[Chapter]:
    mandates = await Mandate.filter(_of(person)).order_by("asked_at")
    records = [_mandate(mandate, person) for mandate in mandates]
    for deed in await Deed.filter(_of(person)).order_by("id"):
        mine = deed.agent_id == person.id  # type: ignore[attr-defined]  # Tortoise adds the column's own name
        records.append(
            {
                "kind": "done_by_me" if mine else "done_for_me",
                "what": deed.action,
                "title": deed.about,
                "at": str(deed.at),
            }
        )
    posts = await Appointment.filter(agent_id=person.id)
    records += [
        {"kind": "appointment", "office": p.department_code, "state": p.state, "valid_to": str(p.valid_to)}
        for p in posts
    ]
    made = await Represented.filter(account_id=person.id)
    records += [{"kind": "account_made_at_the_counter", "at": str(row.made_at)} for row in made]
    return [Chapter("mandates", MANDATES, records)]


def _mandate(mandate: Mandate, person: Citizen) -> dict[str, object]:
    """The other side is not told here: their name is their own data."""
    mine = agent_id(mandate) == person.id
    return {
        "kind": mandate.kind,
        "relation": mandate.relation,
        "about": "agent" if mine else "principal",
        "state": state_of(mandate).value,
        "what": mandate.doings,
        "valid_from": str(mandate.valid_from),
        "valid_to": str(mandate.valid_to or ""),
        "claimed": open_claim(mandate)[0] if mine else "",
        "at": str(clock.city_time(mandate.asked_at)),
    }


async def matters(person: Citizen) -> list[Matter]:
    count = await Mandate.filter(_of(person), state__in=[s.value for s in LIVING]).count()
    title = text("代办授权：注销时全部终止", "Mandates: they all end with the account")
    return [Matter("mandates", title, blocks=False, count=count, link="sub/acting/list")]


async def forget(person: Citizen) -> list[str]:
    """Mandates end; what was claimed, and the photographs that proved it, go."""
    for mandate in await Mandate.filter(_of(person)).select_for_update():
        living = MandateState(mandate.state) in LIVING
        await evidence.release(mandate)
        nobody = crypto.blind_index(str(mandate.id), purpose="mandate.forgotten")  # a side that never came stays named
        mandate.claimed_sealed = mandate.phone_sealed = None
        mandate.claimed_index = mandate.claimed_index and nobody
        mandate.phone_index = mandate.phone_index and nobody
        mandate.evidence = []
        if living:
            await move(mandate, MandateState.REVOKED, actor="system", note="account closed")
        else:
            await mandate.save()
    return []


async def subjects(person: Citizen) -> list[str]:
    firms = await LegalPerson.filter(account_id=person.id).count()
    ids = await Mandate.filter(_of(person)).values_list("id", flat=True) if not firms else []
    return [f"mandate:{id_}" for id_ in ids]


CONTRIBUTOR = Contributor("auth.acting", KEPT, about, forget, matters=matters, subjects=subjects)
