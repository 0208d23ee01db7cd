"""Company registries: who represents a legal person."""

from auth.acting.config import ActingSettings
from auth.acting.errors import RegistryUnavailable
from auth.acting.registry.base import Claim, RegistryCheck, Verdict
from auth.acting.registry.signed import SignedRegistry
from kit.config import current

__all__ = ["Claim", "RegistryCheck", "Verdict", "install", "registry"]
_installed: list[RegistryCheck] = []


def install(check: RegistryCheck) -> None:
    """In place of the one the settings name; for a city whose registry speaks otherwise."""
    _installed[:] = [check]


def registry() -> RegistryCheck:
    """Raises RegistryUnavailable when none is connected."""
    if _installed:
        return _installed[0]
    settings = current(ActingSettings)
    if not (settings.registry_url and settings.registry_app_id and settings.registry_secret.get_secret_value()):
        raise RegistryUnavailable
    return SignedRegistry(settings)
