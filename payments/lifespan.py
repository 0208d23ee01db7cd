"""What paying needs while the office is open: its jobs known to the worker, and keys that can be read."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kit.config import BadConfiguration, current
from payments import jobs
from payments.channels import channel, offered
from payments.config import PaymentSettings

assert jobs, "imported so that the worker knows the jobs"


@asynccontextmanager
async def running(*, serving: bool) -> AsyncIterator[None]:  # noqa: ARG001 - server, worker and commands alike
    """Refuses to open with keys that cannot be used. Raises BadConfiguration naming the setting."""
    settings = current(PaymentSettings)
    agreed = settings.receipt_platform_app_id and len(settings.receipt_platform_key.get_secret_value()) >= 16
    if settings.receipt_platform_url and not agreed:
        raise BadConfiguration("HANDHELD_RECEIPT_PLATFORM_KEY (16 characters at least) and …_APP_ID must be set")
    for name in offered():
        if name != "wechat" or not settings.demo or settings.wechatpay_private_key_file is not None:
            channel(name)
    yield
