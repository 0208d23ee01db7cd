"""Settings of attestation."""

from pydantic import Field, SecretStr

from kit import config


class AttestationSettings(config.Settings):
    attestation_url: str = Field("https://faceid.tencentcloudapi.com", description="address of the attestation service")
    attestation_secret_id: str = Field(
        "", description="secret id for attestation; unset: real names are verified at the counter only"
    )
    attestation_secret_key: SecretStr = Field(SecretStr(""), description="secret key for attestation")
    attestation_region: str = Field("ap-guangzhou", description="region of the attestation service")
    attestation_rule_id: str = Field(
        "", description="the business rule of face checks, as made in the service's console"
    )
    face_minutes: int = Field(10, ge=2, le=60, description="a face check is done within so long, or begun anew")
    real_names_per_minute: int = Field(5, ge=1, description="real-name tries and face checks of one account")
    name_departments: str = Field(
        "ZWFW", description="codes of the departments whose staff judge documents in their region, comma separated"
    )
