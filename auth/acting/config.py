"""Settings of acting for others."""

from pydantic import Field, SecretStr

from kit import config


class ActingSettings(config.Settings):
    registry_url: str = Field("", description="address of the company registry's check; unset: firms cannot be claimed")
    registry_app_id: str = Field("", description="our name at the company registry")
    registry_secret: SecretStr = Field(
        SecretStr(""), description="key that signs our questions to the company registry and its answers; with the URL"
    )
    mandate_departments: str = Field(
        "ZWFW", description="codes of the departments whose clerks examine mandates in their region, comma separated"
    )
    operator_days: int = Field(730, ge=1, le=730, description="longest mandate of an operator")
    family_days: int = Field(
        1095, ge=1, le=1826, description="longest mandate among family, or for an incapacitated person"
    )
    village_days: int = Field(
        366, ge=1, le=366, description="longest appointment of a village agent, and their mandates"
    )
    answer_days: int = Field(30, ge=1, le=90, description="a mandate nobody answers is over after so long")
    takeover_days: int = Field(
        3, ge=1, le=30, description="so long a firm's former representative may contest a new one"
    )
    open_asks: int = Field(10, ge=1, le=100, description="unanswered mandates one person may have asked for")
