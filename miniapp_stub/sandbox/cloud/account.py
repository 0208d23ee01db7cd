"""The cloud account the sandbox issues: one pair of keys, a text message app, a rule for face checks."""

import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass

from miniapp_stub.sandbox.issuing import digits
from miniapp_stub.sandbox.store import Store

SIGN_NAME, CODE_TEMPLATE, NOTICE_TEMPLATE = "掌上办", "1000001", "1000002"
TEMPLATES = {
    CODE_TEMPLATE: "【掌上办】验证码 {1}，{2} 分钟内有效。请勿告知他人。",
    NOTICE_TEMPLATE: "【掌上办】{1}",
}


@dataclass(frozen=True)
class CloudAccount:
    secret_id: str
    secret_key: str
    sms_app_id: str
    rule_id: str


def open_account(store: Store) -> CloudAccount:
    """Read the account kept in the store; issue it on the first start."""
    letters = string.ascii_letters + string.digits
    fresh: dict[str, Callable[[], str]] = {
        "cloud_secret_id": lambda: "AKID" + "".join(secrets.choice(letters) for _ in range(32)),
        "cloud_secret_key": lambda: "".join(secrets.choice(letters) for _ in range(32)),
        "cloud_sms_app_id": lambda: f"14{digits(8)}",
        "cloud_rule_id": lambda: "1",
    }
    with store.transaction():
        for name, make in fresh.items():
            if not store.setting(name, ""):
                store.keep(name, make())
    return CloudAccount(*(store.setting(name) for name in fresh))


def settings_for_the_office(account: CloudAccount, *, base_url: str) -> dict[str, str]:
    return {
        "HANDHELD_SMS_URL": base_url,
        "HANDHELD_SMS_SECRET_ID": account.secret_id,
        "HANDHELD_SMS_SECRET_KEY": account.secret_key,
        "HANDHELD_SMS_APP_ID": account.sms_app_id,
        "HANDHELD_SMS_SIGN_NAME": SIGN_NAME,
        "HANDHELD_SMS_CODE_TEMPLATE": CODE_TEMPLATE,
        "HANDHELD_SMS_NOTICE_TEMPLATE": NOTICE_TEMPLATE,
        "HANDHELD_ATTESTATION_URL": base_url,
        "HANDHELD_ATTESTATION_SECRET_ID": account.secret_id,
        "HANDHELD_ATTESTATION_SECRET_KEY": account.secret_key,
        "HANDHELD_ATTESTATION_RULE_ID": account.rule_id,
    }
