"""
Settings: read once from the environment, frozen, asked for by type.

Every package declares its own part as a subclass of `Settings`; the application composes the parts into one class and
installs it. A part is then fetched by its type: `current(PaymentSettings).wechatpay_mch_id`.
"""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import ClassVar, Literal, TypeVar

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class BadConfiguration(Exception):
    """A setting that must not stay as it is; the sentence names the key and never the value."""


class Settings(BaseSettings):
    """What the plumbing itself needs. Prefix `HANDHELD_`, also read from `.env`."""

    model_config = SettingsConfigDict(env_prefix="HANDHELD_", env_file=".env", extra="ignore", frozen=True)

    env: Literal["demo", "production"] = Field(
        "demo", description="`production` refuses to start on demonstration values"
    )
    database_url: str | None = Field(None, description="postgres://…; unset: embedded PostgreSQL below the data folder")
    database_pool: int = Field(20, ge=2, le=200, description="largest number of database connections of one process")
    data_dir: Path = Field(Path("data"), description="folder of the embedded database, stored files and keys")
    redis_url: str | None = Field(None, description="redis://…; unset: PostgreSQL notifications wake other processes")
    storage_url: str | None = Field(None, description="file://… or s3://bucket/prefix; unset: below the data folder")
    public_url: str = Field("http://127.0.0.1:8000", description="address citizens and channels reach us at")
    secret_key: SecretStr = Field(
        SecretStr(""), description="≥ 32 characters; signs file links; unset in demo: made once below the data folder"
    )
    field_keys: SecretStr = Field(
        SecretStr(""),
        description="`id:base64 of 32 bytes` pairs, comma separated, the first encrypts; unset in demo: made once",
    )
    field_cipher: Literal["aes-gcm", "sm4-gcm"] = Field(
        "aes-gcm", description="seals personal data: AES-256-GCM or SM4-GCM; what either sealed stays readable"
    )
    index_key: SecretStr = Field(
        SecretStr(""), description="base64 of 32 bytes; keys the blind indexes; unset in demo: made once"
    )
    timezone: str = Field("Asia/Shanghai", description="the city's zone: office days and hours")
    trusted_proxies: str = Field(
        "", description="addresses and networks (10.0.0.0/8) whose X-Forwarded-For is believed, comma separated"
    )
    limit_person_per_minute: int = Field(
        600, ge=1, description="units one signed-in person may use a minute, so many at once; most requests cost one"
    )
    limit_source_per_minute: int = Field(
        60_000,
        ge=1,
        description="the same for one address; a hall or a carrier may share one; an IPv6 /64 is one",
    )
    limit_routes: str = Field(
        "", description="calls a minute of one person, or one address without sign-in: `POST /uploads=30, …`"
    )
    outbound_hosts: str = Field(
        "", description="extra hosts that may be called, comma separated; the platforms' are known"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="lowest level written")

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, told: str) -> str:
        for part in told.split(","):
            if part.strip():
                ip_network(part.strip(), strict=False)
        return told

    @field_validator("limit_routes")
    @classmethod
    def _routes(cls, told: str) -> str:
        if any(not re.fullmatch(r"\s*[A-Z]+ /\S*\s*=\s*[1-9]\d*\s*", part) for part in told.split(",") if part.strip()):
            raise ValueError("is read as `POST /uploads=30, GET /bills/lookup=20`")
        return told

    production_needs: ClassVar[tuple[str, ...]] = ("database_url", "secret_key", "field_keys", "index_key")

    @property
    def demo(self) -> bool:
        return self.env == "demo"

    def refuse_bad_production(self) -> None:
        """
        Production refuses to start on defaults.

        Raises: BadConfiguration naming the key, never its value.
        """
        if self.demo:
            return
        for name in needed_in_production(type(self)):
            value = getattr(self, name)
            plain = value.get_secret_value() if isinstance(value, SecretStr) else value
            if not plain:
                raise BadConfiguration(f"HANDHELD_{name.upper()} must be set in production")
        if len(self.secret_key.get_secret_value()) < 32:
            raise BadConfiguration("HANDHELD_SECRET_KEY must be at least 32 characters")
        if not self.public_url.startswith("https://"):
            raise BadConfiguration("HANDHELD_PUBLIC_URL must begin with https:// in production")


def needed_in_production(kind: type[Settings]) -> list[str]:
    """Names of the settings that have no safe default, from every part the class is composed of."""
    names: list[str] = []
    for part in kind.__mro__:
        names += [n for n in part.__dict__.get("production_needs", ()) if n not in names]
    return names


S = TypeVar("S", bound=Settings)
_installed: list[Settings] = []


def install(settings: Settings) -> None:
    """Makes `settings` the ones of this process; a later call replaces them (tests do)."""
    settings.refuse_bad_production()
    _installed[:] = [settings]


def current(kind: type[S]) -> S:
    """The installed settings, seen as the part `kind`."""
    if not _installed:
        raise BadConfiguration("settings were asked for before they were installed")
    settings = _installed[0]
    if not isinstance(settings, kind):
        raise BadConfiguration(f"the installed settings have no part {kind.__name__}")
    return settings
