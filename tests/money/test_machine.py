"""
Random lives of one bill, with the channel's record of charges as the oracle: people open, pay, give up and come back in
any order, notices are lost, late, doubled and out of order, the schedule runs or does not, refunds come and go.

When a life is over and everything that was on its way has arrived, people were charged what they owe and nothing else.
"""

import asyncio
import contextlib
import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings, strategies
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from kit import clock, config, db, outbound
from kit.errors import HouseError
from mobileapi.settings import OfficeSettings, tables
from payments import checkout, jobs, orders, standing
from payments.errors import NoticeNotSettled
from payments.models import Bill
from payments.notices import receive
from payments.orders import Wish
from tests.database import _create, _drop, with_name
from tests.money.invariants import books_against_charges, dues, violations
from tests.money.office import furnish, install_settings
from tests.payments.conftest import Town
from tests.sandbox_server import ControlRefused, SandboxServer, start_sandbox

CHANNELS = ("wechat", "alipay")
LIVES = 2_000 if os.environ.get("SLOW") else 12
STEPS = 50 if os.environ.get("SLOW") else 15


class Ground:
    """One database, one channel and one loop for all lives; each life has people and bills of its own."""

    def __init__(self, template: str, platform: SandboxServer, made: OfficeSettings) -> None:
        self.loop, self.platform, self.made, self.lives = asyncio.new_event_loop(), platform, made, 0
        self.name, self.server = f"machine_{os.getpid()}", with_name(template, "postgres")
        self.template = template
        self.do(self._open())

    def do(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    async def _open(self) -> None:
        await _create(self.server, self.name, template=db.credentials(self.template)["database"])
        await db.open_database(tables(with_name(self.template, self.name)))
        self.client = outbound.Outbound(self.made.outside_urls())
        outbound.install(self.client)

    async def _close(self) -> None:
        await self.client.close()
        await db.close_database()
        await _drop(self.server, self.name)

    def close(self) -> None:
        self.do(self._close())
        self.loop.close()


class Life(RuleBasedStateMachine):
    ground: Ground

    def __init__(self) -> None:
        super().__init__()
        self.orders: list[UUID] = []
        self.later = timedelta()

    def do(self, work: Any) -> Any:
        return self.ground.do(work)

    @initialize()
    def begin(self) -> None:
        self.ground.lives += 1
        phone = f"13{self.ground.lives:09d}"
        self.town = Town(self.ground.made, self.ground.platform)
        office: Any = type("Furnished", (), {"town": self.town})
        self.citizen, self.bill = self.do(furnish(office, phone=phone))
        self.before = self.do(self._sums())

    async def _charges(self) -> list[dict[str, Any]]:
        people = {row["open_id"] for row in await db.fetch("SELECT open_id FROM auth_platform_identity")}
        told = (await self.town.platform.control_async("/charges"))["charges"]
        return [charge for charge in told if charge["openid"] in people]

    async def _sums(self) -> tuple[int, int]:
        return sum(charge["net_fen"] for charge in await self._charges()), await dues()

    @rule(scene=strategies.sampled_from(["miniapp", "qr"]), channel=strategies.sampled_from(CHANNELS))
    def open_an_order(self, scene: str, channel: str) -> None:
        async def opened() -> None:
            person = await self._open_id(channel) if scene == "miniapp" else ""
            wish = Wish(self.citizen, (self.bill.id,), channel, scene, person)
            with contextlib.suppress(HouseError):
                order = await checkout.open_order(wish)
                if order not in self.orders:
                    self.orders.append(order)

        self.do(opened())

    @precondition(lambda self: self.orders)
    @rule(data=strategies.data())
    def pay_there(self, data: strategies.DataObject) -> None:
        """Whichever order the payer still has open on the phone; the channel decides whether it takes the money."""
        order = data.draw(strategies.sampled_from(self.orders))

        async def paid() -> None:
            row = await self.town.row(order)
            if row["prepay"] is None:
                return
            names = {"prepay_id", "trade_no", "code_url"}
            handle = {k: v for k, v in json.loads(row["prepay"]).items() if k in names}
            person = await self._open_id(row["channel"])
            with contextlib.suppress(ControlRefused):
                await self.town.platform.control_async("/pay", handle | {"openid": person})

        self.do(paid())

    @precondition(lambda self: self.orders)
    @rule(data=strategies.data(), times=strategies.integers(1, 3))
    def carry_a_notice(self, data: strategies.DataObject, times: int) -> None:
        order = data.draw(strategies.sampled_from(self.orders))
        self.do(self._carried(order, times))

    async def _carried(self, order: UUID, times: int) -> None:
        row = await self.town.row(order)
        again = {"out_trade_no": row["number"], "again": True}
        asked = await self.town.platform.control_async("/notices/retry", again)
        for notice in asked["notices"]:
            for _ in range(times if notice["attempts"] else 0):
                letter = notice["attempts"][-1]
                headers = {name.lower(): value for name, value in letter["headers"].items()}
                with contextlib.suppress(NoticeNotSettled):
                    await receive(row["channel"], headers, content=letter["body"].encode())

    @precondition(lambda self: self.orders)
    @rule(data=strategies.data())
    def come_back(self, data: strategies.DataObject) -> None:
        self.do(standing.confirm(data.draw(strategies.sampled_from(self.orders)), who="citizen:x"))

    @precondition(lambda self: self.orders)
    @rule(data=strategies.data())
    def give_up(self, data: strategies.DataObject) -> None:
        self.do(standing.close(data.draw(strategies.sampled_from(self.orders)), who="citizen:x", why="given up"))

    @precondition(lambda self: self.orders)
    @rule(data=strategies.data())
    def lose_sight_of(self, data: strategies.DataObject) -> None:
        """Closed here while it lives on there, as after a channel's wrong answer."""
        self.do(orders.finish_closed(data.draw(strategies.sampled_from(self.orders)), who="system", why="lost"))

    @rule(minutes=strategies.sampled_from([1, 5, 31]))
    def let_time_pass(self, minutes: int) -> None:
        self.later += timedelta(minutes=minutes)
        with clock.moved(self.later):
            self.do(jobs.ask_about_orders())

    @rule()
    def send_refunds(self) -> None:
        with clock.moved(self.later):
            self.do(jobs.advance_refunds())

    @invariant()
    def rows_are_sound(self) -> None:
        if self.orders:
            assert self.do(violations()) == []

    def teardown(self) -> None:
        if self.orders:
            self.do(self._arrive())

    async def _arrive(self) -> None:
        """Everything on its way arrives; then the oracle is asked."""
        for order in self.orders:
            await self._carried(order, 1)
        for minutes in (32, 34, 37, 40, 50):
            with clock.moved(self.later + timedelta(minutes=minutes)):
                await jobs.ask_about_orders()
                await jobs.advance_refunds()
        assert await violations() == []
        charges = await self._charges()
        for channel in CHANNELS:
            there = [charge for charge in charges if charge["channel"] == channel]
            assert await books_against_charges(there, channel=channel) == []
        charged, due = await self._sums()
        assert charged - self.before[0] == due - self.before[1]
        me = {await self._open_id(channel) for channel in CHANNELS}
        paid_there = any(charge["net_fen"] for charge in charges if charge["openid"] in me)
        assert (await Bill.get(id=self.bill.id)).state == ("paid" if paid_there else "unpaid")

    async def _open_id(self, channel: str) -> str:
        """As the channel knows the citizen."""
        found: str = await db.fetch_value(
            "SELECT open_id FROM auth_platform_identity WHERE citizen_id = $1 AND platform = $2",
            self.citizen.id,
            channel,
        )
        return found


@pytest.fixture
def ground(template_url: str, tmp_path: Path) -> Iterator[Ground]:
    with start_sandbox(tmp_path / "channel") as platform:
        made = install_settings(platform, tmp_path)
        platform.control("/refunds", {"mode": "auto", "delay_s": 0.0})
        ground = Ground(template_url, platform, made)
        try:
            yield ground
        finally:
            ground.close()
            assert config.current(OfficeSettings) is made


def test_in_any_life_of_a_bill_people_are_charged_what_they_owe(ground: Ground) -> None:
    Life.ground = ground
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=LIVES, stateful_step_count=STEPS, deadline=None, print_blob=True,
            phases=(Phase.explicit, Phase.generate, Phase.shrink) if os.environ.get("SLOW") else (Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    print(f"\n{ground.lives} lives of at most {STEPS} steps")
