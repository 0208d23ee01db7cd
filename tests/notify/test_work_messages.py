"""Urgent notices follow staff out of the console: by the workplace they are bound to, once a burst."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from auth.models import Session, StaffMember
from auth.sessions import open_session
from auth.workplaces.models import WorkplaceIdentity
from kit import clock, config
from kit.texts import text
from mobileapi.notify import desks, work_messages
from mobileapi.notify.desks import tell_staff
from mobileapi.notify.models import StaffNotice, WorkMessage
from mobileapi.settings import OfficeSettings
from tests.chat.office import hire
from tests.sandbox_server import SandboxServer

pytestmark = pytest.mark.anyio
Drain = Callable[[], Awaitable[None]]
URGENT = "consultation.overdue"


async def member(sandbox: SandboxServer, kind: str) -> tuple[StaffMember, str]:
    """A clerk bound to a fresh member of the organisation."""
    subject = f"member{uuid4().hex[:10]}"
    await sandbox.control_async("/organisation/people", {"kind": kind, "userid": subject, "name": "陈立群"})
    settings = config.current(OfficeSettings)
    organisation = settings.dingtalk_corp_id if kind == "dingtalk" else settings.wecom_corp_id
    clerk = await hire(subject)
    await WorkplaceIdentity.create(
        kind=kind, organisation=organisation, subject=subject, staff_id=clerk.id, bound_at=clock.now(), bound_by="x"
    )
    return clerk, subject


async def came_to(sandbox: SandboxServer, subject: str) -> list[dict[str, Any]]:
    return list((await sandbox.control_async(f"/messages?openid={subject}"))["messages"])


async def urge(staff: UUID, *, kind: str = URGENT) -> UUID:
    words = text(f"市民在等您答复（{uuid4().hex[:6]}）", "A citizen waits")
    notice = await tell_staff(staff, kind=kind, text=words, link="/console/consultations/7")
    assert notice is not None
    return notice


@pytest.mark.parametrize("kind", ["dingtalk", "wecom"])
async def test_who_is_not_at_the_console_gets_one_message_a_burst(
    kind: str, sandbox: SandboxServer, drain: Drain
) -> None:
    clerk, subject = await member(sandbox, kind)
    for _ in range(3):
        await urge(clerk.id)
    await drain()
    (message,) = await came_to(sandbox, subject)
    assert message["page"] == f"{config.current(OfficeSettings).public_url.rstrip('/')}/console/#/consultations/7"
    assert await WorkMessage.all().values_list("state", "workplace") == [("sent", kind)]
    with clock.moved(timedelta(minutes=5)):
        await desks.read_all(clerk.id)
        await urge(clerk.id)
        await drain()
    assert len(await came_to(sandbox, subject)) == 2


async def test_a_new_day_is_a_new_burst(sandbox: SandboxServer, drain: Drain) -> None:
    clerk, subject = await member(sandbox, "wecom")
    await urge(clerk.id)
    await drain()
    with clock.moved(timedelta(days=1)):
        await urge(clerk.id)
        await drain()
    assert len(await came_to(sandbox, subject)) == 2


async def test_who_is_at_the_console_or_told_of_nothing_urgent_gets_none(sandbox: SandboxServer, drain: Drain) -> None:
    clerk, subject = await member(sandbox, "dingtalk")
    await urge(clerk.id, kind="rating.given")
    opened = await open_session(kind="staff", person=clerk.id, device="desk")
    await Session.filter(id=opened.session.id).update(seen_at=clock.now())
    await urge(clerk.id)
    await drain()
    assert (await came_to(sandbox, subject), await WorkMessage.all().count()) == ([], 0)
    with clock.moved(timedelta(minutes=4)):
        await urge(clerk.id)
        await drain()
    assert len(await came_to(sandbox, subject)) == 1


async def test_who_is_bound_nowhere_is_told_in_the_console_alone(sandbox: SandboxServer, drain: Drain) -> None:
    clerk = await hire("unbound")
    await urge(clerk.id)
    await drain()
    assert (await StaffNotice.all().count(), await WorkMessage.all().count()) == (1, 0)


async def test_twenty_workers_with_one_burst_send_one_message(sandbox: SandboxServer) -> None:
    clerk, subject = await member(sandbox, "wecom")
    notices = [await urge(clerk.id) for _ in range(4)]
    await asyncio.gather(*(work_messages.follow(notice) for notice in notices * 5))
    assert len(await came_to(sandbox, subject)) == 1


@pytest.mark.parametrize("kind", ["dingtalk", "wecom"])
async def test_what_may_have_gone_out_is_not_sent_again_and_what_surely_did_not_is(
    kind: str, sandbox: SandboxServer, drain: Drain
) -> None:
    clerk, subject = await member(sandbox, kind)
    await sandbox.control_async("/faults", {"where": "work_message", "kind": "timeout_after", "times": 1, "delay_s": 0})
    for _ in range(2):
        await urge(clerk.id)
        await drain()
    assert len(await came_to(sandbox, subject)) == 1
    assert await WorkMessage.all().values_list("state") == [("unknown",)]
    other, unknown_there = await member(sandbox, kind)
    await WorkplaceIdentity.filter(staff_id=other.id).update(subject="gone-from-there")
    await urge(other.id)
    await drain()
    failed = await WorkMessage.filter(staff=other.id).values_list("state")
    assert failed == ([("failed",)] if kind == "wecom" else [("sent",)])  # DingTalk says ok and leaves strangers out
    if kind == "wecom":
        await WorkplaceIdentity.filter(staff_id=other.id).update(subject=unknown_there)
        await urge(other.id)
        await drain()
        assert len(await came_to(sandbox, unknown_there)) == 1


async def test_a_token_the_workplace_forgot_is_fetched_anew(sandbox: SandboxServer, drain: Drain) -> None:
    for kind in ("dingtalk", "wecom"):
        clerk, subject = await member(sandbox, kind)
        await urge(clerk.id)
        await drain()
        await sandbox.control_async(f"/organisation/tokens?kind={kind}", method="DELETE")
        with clock.moved(timedelta(days=1)):
            await urge(clerk.id)
            await drain()
        assert len(await came_to(sandbox, subject)) == 2
