"""What the registry issues once to an office: an app id and the key both sides sign with."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from miniapp_stub.sandbox.issuing import digits
from miniapp_stub.sandbox.store import Store

PREFIX = "/registry"


@dataclass(frozen=True)
class RegistryAccount:
    app_id: str
    secret: str

    def sign(self, stamp: str, nonce: str, body: bytes) -> str:
        """HMAC-SHA256 over timestamp, nonce and raw body, joined by line feeds; lower-case hex."""
        message = b"\n".join([stamp.encode(), nonce.encode(), body])
        return hmac.new(self.secret.encode(), message, hashlib.sha256).hexdigest()


def open_registry(store: Store) -> RegistryAccount:
    """Read the account kept in the store; issue it on the first start."""
    with store.transaction():
        if not store.setting("registry_app_id", ""):
            store.keep("registry_app_id", f"gov{digits(10)}")
            store.keep("registry_secret", secrets.token_hex(32))
    return RegistryAccount(store.setting("registry_app_id"), store.setting("registry_secret"))


def settings_for_the_office(account: RegistryAccount, *, base_url: str) -> dict[str, str]:
    return {
        "HANDHELD_REGISTRY_URL": base_url + PREFIX,
        "HANDHELD_REGISTRY_APP_ID": account.app_id,
        "HANDHELD_REGISTRY_SECRET": account.secret,
    }
