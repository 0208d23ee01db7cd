"""The office opens with keys it can use, and its worker knows what to do about money."""

from pathlib import Path
from typing import Any

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


async def test_a_receipt_platform_without_its_secret_keeps_the_office_shut(settings: OfficeSettings) -> None:
    config.install(settings.model_copy(update={"receipt_platform_url": "https://fiscal.example"}))
    with pytest.raises(BadConfiguration, match="HANDHELD_RECEIPT_PLATFORM_KEY"):
        async with running(serving=True):
            pass


async def test_a_demonstration_without_channel_opens_all_the_same(settings: OfficeSettings) -> None:
    config.install(settings.model_copy(update={"wechatpay_private_key_file": None}))
    async with running(serving=True):
        pass


@pytest.fixture
def production(settings: OfficeSettings) -> dict[str, Any]:
    """What production does not start without."""
    given: dict[str, Any] = dict(settings)
    filled = {name: "x" * 40 for name in config.needed_in_production(OfficeSettings) if not given[name]}
    return given | filled | {
        "_env_file": None, "env": "production", "public_url": "https://office.example", "database_url": "postgres://x/y",
        "wechatpay_api_url": "https://api.mch.weixin.qq.com",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"wechatpay_api_url": "http://api.mch.weixin.qq.com"}, "HANDHELD_WECHATPAY_API_URL must begin with https://"),
        ({"alipay_gateway_url": "http://openapi.alipay.com/gateway.do"}, "HANDHELD_ALIPAY_GATEWAY_URL must begin"),
        ({"alipay_gateway_url": "https://openapi-sandbox.dl.alipaydev.com/gateway.do"}, "nothing is paid there"),
        ({"wechatpay_api_url": "https://127.0.0.1:8001"}, "nothing is paid there"),
        ({"alipay_seller_id": "2088000000000001"}, "HANDHELD_ALIPAY_APP_ID must be set"),
        ({"alipay_seller_id": "2088000000000001", "alipay_app_id": "1"}, "HANDHELD_ALIPAY_PRIVATE_KEY_FILE must be"),
    ],
)
async def test_production_takes_no_money_in_the_clear_or_in_play(
    production: dict[str, Any], changes: dict[str, Any], sentence: str
) -> None:
    OfficeSettings(**production).refuse_bad_production()
    with pytest.raises(BadConfiguration, match=sentence):
        OfficeSettings(**production | changes).refuse_bad_production()
