"""Everything one sandbox knows, opened from its data folder."""

from dataclasses import dataclass, field
from pathlib import Path

from miniapp_stub.sandbox import formers, founding
from miniapp_stub.sandbox.alipay.account import AlipayAccount, open_account
from miniapp_stub.sandbox.alipay.account import settings_for_the_office as alipay_settings
from miniapp_stub.sandbox.alipay.trade import tables as alipay_trade
from miniapp_stub.sandbox.clock import Clock
from miniapp_stub.sandbox.cloud.account import CloudAccount
from miniapp_stub.sandbox.cloud.account import open_account as open_cloud
from miniapp_stub.sandbox.cloud.account import settings_for_the_office as cloud_settings
from miniapp_stub.sandbox.courier import Courier
from miniapp_stub.sandbox.credentials import Credentials, open_credentials, settings_for_the_office, write_settings
from miniapp_stub.sandbox.faults import Faults
from miniapp_stub.sandbox.messages import account as messages
from miniapp_stub.sandbox.quotas import Quotas
from miniapp_stub.sandbox.registry.account import RegistryAccount, open_registry
from miniapp_stub.sandbox.registry.account import settings_for_the_office as registry_settings
from miniapp_stub.sandbox.store import Store

PAYEE = "掌上办演示收款单位"


@dataclass
class World:
    """People, orders, charges and keys (kept in the store); clock, faults and quotas (gone with the process)."""

    store: Store
    credentials: Credentials
    alipay: AlipayAccount
    cloud: CloudAccount
    registry: RegistryAccount
    settings: dict[str, str]
    base_url: str
    data_dir: Path
    payee: str = PAYEE
    clock: Clock = field(default_factory=Clock)
    faults: Faults = field(default_factory=Faults)
    quotas: Quotas = field(default_factory=Quotas)
    courier: Courier = field(default_factory=Courier)

    def write_settings(self) -> None:
        """Write `credentials.env` as the settings are now."""
        write_settings(self.settings, self.data_dir)


def open_world(data_dir: Path, *, base_url: str) -> World:
    """Open or found the world below `data_dir` and write its `credentials.env` with URLs that follow `base_url`."""
    data_dir = data_dir.resolve()
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = Store(data_dir / "sandbox.sqlite3")
    credentials = open_credentials(store, data_dir)
    alipay = open_account(store, data_dir)
    settings = settings_for_the_office(credentials, data_dir=data_dir, base_url=base_url)
    settings |= alipay_settings(alipay, data_dir=data_dir, base_url=base_url)
    alipay_trade.found(store)
    settings |= alipay_trade.settings_for_the_office(store, base_url=base_url)
    cloud = open_cloud(store)
    settings |= cloud_settings(cloud, base_url=base_url)
    founding.found(store)
    settings |= founding.settings_for_the_office(store, base_url=base_url)
    messages.found(store)
    settings |= messages.settings_for_the_office(store)
    registry = open_registry(store)
    settings |= registry_settings(registry, base_url=base_url)
    settings |= formers.settings_for_the_office(store, data_dir=data_dir)
    world = World(store, credentials, alipay, cloud, registry, settings, base_url, data_dir)
    world.write_settings()
    return world
