"""A child acts for the mother: asked, agreed, used, ended."""

from datetime import timedelta
from typing import Any

import pytest

from auth.acting.models import Deed, Mandate, MandateChange
from auth.acting.readers import readers_of
from auth.models import Citizen, PlatformIdentity
from chat.models import Conversation
from kit import clock, db
from mobileapi.applications.models import Application
from tests.acting.conftest import Town, checked, today_plus
from tests.acting.wishes import AGENT, PRINCIPAL, acted, asked, ended, for_mother, mandate_for_mother
from tests.applications.office import FORM, ITEM, LETTER, STREET, key, upload

pytestmark = pytest.mark.anyio


async def begun(http: Any, principal: Any, item: str = ITEM) -> Any:
    body = {"item": item, "region": STREET, "answers": {"lost_how": "lost"}, "on_behalf_of": str(principal)}
    return await http.post("/api/v1/applications", json=body)


async def filed_for(http: Any, principal: Any) -> dict[str, Any]:
    case = (await begun(http, principal)).json()
    url = f"/api/v1/applications/{case['id']}"
    await http.patch(url, json={"version": case["version"], "form": FORM})
    await http.put(f"{url}/materials/photo", json={"uploads": [await upload(http)]})
    answer = await http.post(f"{url}/submission", json={"consent": True}, headers=key())
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def audit_of(subject: str) -> list[Any]:
    return list(await db.fetch("SELECT actor, action, detail FROM kit_audit WHERE subject = $1 ORDER BY seq", subject))


async def test_child_files_for_the_mother_and_both_names_stand_in_timeline_desk_deeds_and_audit(town: Town) -> None:
    mother, child = town.people.mother, town.people.child
    await mandate_for_mother(town)
    http = await town.citizen(child)
    case = await filed_for(http, mother.id)
    row = await Application.get(id=case["id"])
    assert row.citizen_id == mother.id  # type: ignore[attr-defined]
    assert case["on_behalf_of"] == {"id": str(mother.id), "kind": "citizen", "name": PRINCIPAL}
    assert case["timeline"][-1]["by"]["zh"] == f"{PRINCIPAL}（经办：{AGENT}）"
    hers = (await (await town.citizen(mother)).get(f"/api/v1/applications/{case['id']}")).json()
    assert hers["on_behalf_of"] is None
    assert hers["timeline"][-1]["by"]["zh"] == f"{PRINCIPAL}（经办：{AGENT}）"
    seen = (await (await town.staff(town.office.owner)).get(f"/api/v1/desk/applications/{case['id']}")).json()
    assert (seen["applicant"]["name"], seen["acting"]) == (PRINCIPAL, AGENT)
    deeds = (await (await town.citizen(mother)).get("/api/v1/me/deeds")).json()["items"]
    assert [(d["action"], d["agent"]) for d in deeds] == [("case.submitted", AGENT), ("case.begun", AGENT)]
    rows = [r for r in await audit_of(f"application:{case['id']}") if r["action"] == "case.submitted"]
    assert [r["actor"] for r in rows] == [f"citizen:{child.id}"]
    assert f'"on_behalf_of": "citizen:{mother.id}"' in rows[0]["detail"]


async def test_lists_of_the_principal_are_shown_to_who_acts_and_their_own_lists_stay_their_own(town: Town) -> None:
    mother, child = town.people.mother, town.people.child
    await mandate_for_mother(town)
    http = await town.citizen(child)
    case = await filed_for(http, mother.id)
    assert (await http.get("/api/v1/applications")).json()["items"] == []
    for_her = (await http.get(f"/api/v1/applications?on_behalf_of={mother.id}")).json()["items"]
    assert [c["id"] for c in for_her] == [case["id"]]
    assert (await http.get(f"/api/v1/certificates?on_behalf_of={mother.id}")).json()["items"] == []


async def test_asking_tells_nobody_whether_the_represented_has_an_account(town: Town) -> None:
    known = await asked(town)
    child = await town.citizen(town.people.child)
    unknown = for_mother(name="孙无名", id_number=checked("44010519560102113X"))
    other = (await child.post("/api/v1/me/mandates", json=unknown)).json()
    alike = {"state", "asked_by", "warnings", "actions", "kind", "doings", "valid_to"}
    assert {k: known[k] for k in alike} == {k: other[k] for k in alike}
    assert (known["principal"]["id"], other["principal"]["id"]) == (None, None)
    states = {str(m.id): m.state for m in await Mandate.all()}
    assert (states[known["id"]], states[other["id"]]) == ("asked", "examining")


async def test_represented_sees_who_what_until_when_and_may_refuse(town: Town) -> None:
    mandate = await asked(town, doings=["read", "pay"], items=[ITEM])
    mother = await town.citizen(town.people.mother)
    (shown,) = (await mother.get("/api/v1/me/agents")).json()["items"]
    assert (shown["agent"]["name"], shown["doings"], shown["valid_to"]) == (AGENT, ["read", "pay"], today_plus(90))
    assert [i["code"] for i in shown["items"]] == [ITEM]
    assert shown["actions"] == ["accept", "refuse"]
    assert (await acted(mother, mandate, "refuse", reason="不认识")).json()["state"] == "refused"
    child = await town.citizen(town.people.child)
    assert (await begun(child, town.people.mother.id)).status_code == 404
    assert await Application.all().count() == 0
    assert (await acted(mother, mandate, "accept")).status_code == 409


async def test_only_the_asked_side_answers_and_strangers_see_nothing(town: Town) -> None:
    mandate = await asked(town)
    child, stranger = await town.citizen(town.people.child), await town.citizen(town.people.stranger)
    assert (await acted(child, mandate, "accept")).status_code == 404
    missing = {"id": "00000000-0000-4000-8000-000000000000"}
    for action in ("accept", "refuse", "revoke", "resign"):
        theirs, absent = await acted(stranger, mandate, action), await acted(stranger, missing, action)
        assert theirs.status_code == absent.status_code == 404
        assert {k: v for k, v in theirs.json().items() if k != "request_id"} == {
            k: v for k, v in absent.json().items() if k != "request_id"
        }
    assert (await Mandate.get(id=mandate["id"])).state == "asked"
    assert await MandateChange.all().count() == 1


@pytest.mark.parametrize("way", ["revoked", "resigned", "expired"])
async def test_agent_is_refused_at_once_when_the_mandate_ends(town: Town, way: str) -> None:
    """What was begun stays with the represented."""
    mother, child = town.people.mother, town.people.child
    mandate = await mandate_for_mother(town)
    http = await town.citizen(child)
    draft = (await begun(http, mother.id)).json()
    url = f"/api/v1/applications/{draft['id']}"
    moved = timedelta(days=91) if way == "expired" else timedelta()
    if way == "revoked":
        await ended(town, mandate)
    if way == "resigned":
        assert (await acted(http, mandate, "resign")).status_code == 200
    with clock.moved(moved):
        http = await town.citizen(child)
        before = await Application.get(id=draft["id"]).values()
        for refused in (
            await http.get(url),
            await http.patch(url, json={"version": draft["version"], "form": FORM}),
            await http.post(f"{url}/submission", json={"consent": True}, headers=key()),
            await http.post(f"{url}/withdrawal", json={}, headers=key()),
            await http.get(f"/api/v1/applications?on_behalf_of={mother.id}"),
            await http.get(f"/api/v1/bills?on_behalf_of={mother.id}"),
            await http.get(f"/api/v1/certificates?on_behalf_of={mother.id}"),
            await http.post("/api/v1/consultations", json={"text": "?", "on_behalf_of": str(mother.id)}),
            await begun(http, mother.id),
        ):
            assert refused.status_code == 404, refused.text
            assert refused.json()["code"] == "not_found"
        assert await Application.get(id=draft["id"]).values() == before
        assert (await (await town.citizen(mother)).get(url)).status_code == 200


async def test_scope_is_kept_to_what_and_to_which_items(town: Town) -> None:
    mother, child = town.people.mother, town.people.child
    await mandate_for_mother(town, doings=["read", "file"], items=[ITEM])
    http = await town.citizen(child)
    assert (await begun(http, mother.id)).status_code == 201
    other_item, other_doing = await begun(http, mother.id, LETTER), f"/api/v1/bills?on_behalf_of={mother.id}"
    assert other_item.status_code == 404
    assert (await http.get(other_doing)).status_code == 404
    assert (
        await http.post("/api/v1/consultations", json={"text": "?", "on_behalf_of": str(mother.id)})
    ).status_code == 404
    hers = await town.citizen(mother)
    letter = {"item": LETTER, "region": STREET, "answers": {"lost_how": "lost"}}
    foreign = (await hers.post("/api/v1/applications", json=letter)).json()
    assert (await http.get(f"/api/v1/applications/{foreign['id']}")).status_code == 404
    shown = (await http.get(f"/api/v1/applications?on_behalf_of={mother.id}")).json()["items"]
    assert [c["item"]["code"] for c in shown] == [ITEM]


async def test_reader_does_not_write(town: Town) -> None:
    mother, child = town.people.mother, town.people.child
    await mandate_for_mother(town, doings=["read"])
    own = (await (await town.citizen(mother)).post(
        "/api/v1/applications", json={"item": ITEM, "region": STREET, "answers": {"lost_how": "lost"}}
    )).json()  # fmt: skip
    http, url = await town.citizen(child), f"/api/v1/applications/{own['id']}"
    assert (await http.get(url)).status_code == 200
    assert (await http.patch(url, json={"version": own["version"], "form": FORM})).status_code == 404
    assert (await http.post(f"{url}/withdrawal", json={}, headers=key())).status_code == 404
    assert (await Application.get(id=own["id"])).version == own["version"]
    assert await Deed.all().count() == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"valid_to": None}, "valid_to"),
        ({"valid_to": "2020-01-01"}, "valid_to"),
        ({"valid_to": "2099-01-01"}, "valid_to"),
        ({"relation": "child"}, "relation"),
        ({"relation": "parent", "id_number": checked("440105201501010019")}, "number"),
        ({"kind": "guardian", "relation": "incapacitated"}, "evidence"),
        ({"items": ["nothing"]}, "items"),
        ({"region": "999999000000"}, "region"),
        ({"id_number": checked("440105195503121228")[:17] + "?"}, "id_number"),
    ],
)
async def test_wish_that_does_not_fit_names_its_field_and_writes_nothing(
    town: Town, changes: dict[str, Any], field: str
) -> None:
    child = await town.citizen(town.people.child)
    answer = await child.post("/api/v1/me/mandates", json=for_mother(**changes))
    assert answer.status_code == 422
    assert [e["field"] for e in answer.json()["errors"]] == [field]
    assert await Mandate.all().count() == 0


async def test_same_ask_twice_is_one_and_ten_open_ones_are_enough(town: Town) -> None:
    await asked(town)
    child = await town.citizen(town.people.child)
    assert (await child.post("/api/v1/me/mandates", json=for_mother())).json()["code"] == "mandate_exists"
    for year in range(1941, 1950):
        wish = for_mother(name="孙无名", id_number=checked(f"440105{year}0102113X"))
        assert (await child.post("/api/v1/me/mandates", json=wish)).status_code == 201
    over = await child.post("/api/v1/me/mandates", json=for_mother(id_number=checked("44010519510102113X")))
    assert (over.status_code, over.json()["code"]) == (409, "too_many_asks")
    assert await Mandate.all().count() == 10


async def test_unverified_person_acts_for_nobody(town: Town) -> None:
    await Citizen.filter(id=town.people.child.id).update(assurance="phone")
    answer = await (await town.citizen(town.people.child)).post("/api/v1/me/mandates", json=for_mother())
    assert (answer.status_code, answer.json()["code"]) == (403, "assurance_too_low")
    assert await Mandate.all().count() == 0


async def test_consultation_for_somebody_names_both_and_ends_with_the_mandate(town: Town, drain: Any) -> None:
    mother, child = town.people.mother, town.people.child
    mandate = await mandate_for_mother(town)
    http = await town.citizen(child)
    body = {"item": ITEM, "text": "母亲的身份证丢了", "on_behalf_of": str(mother.id)}
    talk = (await http.post("/api/v1/consultations", json=body)).json()
    assert talk["citizen"]["on_behalf_of"] == PRINCIPAL
    deeds = (await (await town.citizen(mother)).get("/api/v1/me/deeds")).json()["items"]
    assert [d["action"] for d in deeds] == ["consultation.opened"]
    await ended(town, mandate)
    assert (await http.get(f"/api/v1/consultations/{talk['id']}")).status_code == 404
    await drain()
    assert await db.fetch_value("SELECT state FROM chat_conversation WHERE id = $1::uuid", talk["id"]) == "closed"


async def by_message_only(person: Citizen) -> None:
    """They sign in with codes to their number; no platform knows them."""
    await PlatformIdentity.filter(citizen_id=person.id).delete()


async def test_who_signs_in_by_message_only_is_asked_too_and_no_clerk_answers_for_them(town: Town) -> None:
    await by_message_only(town.people.mother)
    mandate = await asked(town)
    row = await Mandate.get(id=mandate["id"])
    assert (row.state, row.principal_id) == ("asked", town.people.mother.id)  # type: ignore[attr-defined]
    answer = await acted(await town.citizen(town.people.mother), mandate, "accept")
    assert answer.json()["state"] == "active"


async def test_what_is_told_to_somebody_who_signs_in_by_message_only_is_read_by_nobody_else(town: Town) -> None:
    await mandate_for_mother(town)
    assert await readers_of(town.people.mother.id) == [town.people.mother.id]
    await by_message_only(town.people.mother)
    assert await readers_of(town.people.mother.id) == [town.people.mother.id]


async def test_a_mandate_for_one_item_reaches_no_bill_and_no_other_conversation(town: Town) -> None:
    mother = town.people.mother
    await mandate_for_mother(town, items=[ITEM], doings=["read", "file", "pay", "consult"])
    http = await town.citizen(town.people.child)
    behalf = {"on_behalf_of": str(mother.id)}
    assert (await http.get(f"/api/v1/bills?on_behalf_of={mother.id}")).status_code == 404
    assert (await http.post("/api/v1/consultations", json={"text": "别的事", **behalf})).status_code == 404
    assert (
        await http.post("/api/v1/consultations", json={"item": ITEM, "text": "这件事", **behalf})
    ).status_code == 201
    assert await Conversation.all().count() == 1
