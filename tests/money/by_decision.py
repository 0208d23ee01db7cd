"""What two people of a department decide about a bill, and what is paid afterwards: less of it, or in parts."""

from datetime import timedelta
from typing import Any

from kit import clock
from tests.money.flows import PAID, Flow, Prepare, Scene, billed, by_alipay, create_order, notify, two_people
from tests.money.office import Answer, Office

NOBODY_PAID = frozenset({None})


def proposed(kind: str, **terms: Any) -> Prepare:
    """A bill of which one person proposes something."""

    async def prepared(office: Office, phone: str) -> Scene:
        scene = await billed(office, phone) | await two_people(office, phone)
        answer = await office.post(
            f"/desk/bills/{scene['bill']}/amendments", scene["asks"] | {"idempotency-key": "propose"}, kind=kind,
            reason="家庭经济困难", basis="行政处罚法第六十六条", terms=terms,
        )  # fmt: skip
        assert answer.status == 201, answer.body
        return scene | {"amendment": answer.json()["id"], "proposed_at": answer.json()["proposed_at"]}

    return prepared


async def in_two_parts(office: Office, phone: str) -> Scene:
    first = clock.today() + timedelta(days=10)
    return await proposed("instalments", parts=2, since=first.isoformat())(office, phone)


async def decide(office: Office, scene: Scene) -> Answer:
    return await office.post(
        f"/desk/amendments/{scene['amendment']}/approval", scene["agrees"] | {"idempotency-key": "decide"},
        proposed_at=scene["proposed_at"],
    )  # fmt: skip


async def part_paid_there(office: Office, phone: str) -> Scene:
    """The first part is ordered and paid; the notice came to nobody."""
    scene = await in_two_parts(office, phone)
    agreed = await decide(office, scene)
    assert agreed.status == 200, agreed.body
    return await _next_part(office, scene, key="first")


async def last_part_paid_there(office: Office, phone: str) -> Scene:
    scene = await part_paid_there(office, phone)
    assert (await notify(office, scene)).status in {200, 204}
    return await _next_part(office, scene, key="last")


async def _next_part(office: Office, scene: Scene, *, key: str) -> Scene:
    answer = await create_order(office, scene, key=key)
    assert answer.status == 201, answer.body
    order = answer.json()["id"]
    await office.pay(order, citizen=scene["citizen"])
    return scene | {"order": order, "letter": (await office.letters(scene["citizen"]))[-1]}


DECIDED = "SELECT 1 FROM dues_amendment WHERE id = $1 AND state = 'approved'"
PART = "SELECT 1 FROM dues_plan_part WHERE paid_by_order = $1 AND paid_fen = 10000"
FLOWS = (
    Flow("waive", proposed("waiver", principal_fen=5000), decide, (), NOBODY_PAID, 200, DECIDED, "amendment"),
    Flow("waive-all", proposed("waiver", principal_fen=20000), decide, (), NOBODY_PAID, 200, DECIDED, "amendment"),
    Flow("plan", in_two_parts, decide, (), NOBODY_PAID, 200, DECIDED, "amendment"),
    Flow("part", part_paid_there, notify, (), PAID, 204, PART, "order"),
    Flow("last-part", last_part_paid_there, notify, (), PAID, 204, PART, "order"),
    Flow("alipay-part", by_alipay(part_paid_there), notify, (), PAID, 200, PART, "order"),
)
