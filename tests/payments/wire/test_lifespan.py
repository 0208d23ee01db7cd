"""The office opens with keys it can use, and its worker knows what to do about money."""

from pathlib import Path

import pytest

from kit import config, jobs
from kit.config import BadConfiguration
from mobileapi.settings import OfficeSettings
from payments.lifespan import running

pytestmark = pytest.mark.anyio


async def test_the_worker_knows_the_schedules_of_money(settings: OfficeSettings) -> None:
    async with running(serving=False):
        pass
    app = jobs.worker_app("postgres://nobody@127.0.0.1:1/none")
    names = {f"payments.jobs.{name}" for name in ("ask_about_orders", "advance_refunds", "reconcile_yesterday")}
    scheduled = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert names <= set(scheduled)
    assert scheduled["payments.jobs.reconcile_yesterday"] == "30 2 * * *"  # 10:30 in Beijing
    assert "payments.jobs.reconcile_day" in app.tasks


@pytest.mark.parametrize("name", ["wechatpay_private_key_file", "wechatpay_platform_key_file"])
async def test_an_unreadable_key_keeps_the_office_shut(settings: OfficeSettings, tmp_path: Path, name: str) -> None:
    bad = tmp_path / "bad.pem"
    bad.write_text("nothing")
    config.install(settings.model_copy(update={name: bad}))
    with pytest.raises(BadConfiguration, match=f"HANDHELD_{name.upper()}"):
        async with running(serving=True):
            pass


async def test_a_demonstration_without_channel_opens_all_the_same(settings: OfficeSettings) -> None:
    config.install(settings.model_copy(update={"wechatpay_private_key_file": None}))
    async with running(serving=True):
        pass
