"""The office that knows people, as this office asks it."""

from auth.attestation.base import Attestation
from auth.attestation.config import AttestationSettings
from auth.attestation.tencent import TencentAttestation
from auth.errors import RealNameUnavailable
from auth.tc3 import Account
from kit.config import BadConfiguration, current


def office() -> Attestation:
    """Raises RealNameUnavailable when none is set."""
    settings = current(AttestationSettings)
    if not settings.attestation_secret_id:
        raise RealNameUnavailable
    key = settings.attestation_secret_key.get_secret_value()
    account = Account(settings.attestation_secret_id, key, settings.attestation_region)
    return TencentAttestation(settings.attestation_url, account, settings.attestation_rule_id)


def refuse_half_set() -> None:
    """An id without its key would fail at the first person. Raises BadConfiguration."""
    settings = current(AttestationSettings)
    if settings.attestation_secret_id:
        key, rule = settings.attestation_secret_key.get_secret_value(), settings.attestation_rule_id
        for name, value in (("ATTESTATION_SECRET_KEY", key), ("ATTESTATION_RULE_ID", rule)):
            if not value:
                raise BadConfiguration(f"HANDHELD_{name} must be set with HANDHELD_ATTESTATION_SECRET_ID")
