"""Settings of text messages."""

from pydantic import Field, SecretStr

from kit import config


class SmsSettings(config.Settings):
    sms_url: str = Field("https://sms.tencentcloudapi.com", description="address of the text message service")
    sms_secret_id: str = Field("", description="secret id for text messages")
    sms_secret_key: SecretStr = Field(SecretStr(""), description="secret key for text messages")
    sms_region: str = Field("ap-guangzhou", description="region of the text message service")
    sms_app_id: str = Field(
        "", description="SDK app id for text messages; unset: codes by text message are not offered"
    )
    sms_sign_name: str = Field("", description="the signature our messages carry, as approved by the service")
    sms_code_template: str = Field("", description="template of a code: {1} the code, {2} the minutes it lives")
    sms_notice_template: str = Field(
        "", description="template of a notice: {1} its words; unset: notices stay in the app"
    )

    sms_code_seconds: int = Field(300, ge=60, le=300, description="life of a code")
    sms_code_tries: int = Field(5, ge=1, le=5, description="tries a code allows")
    sms_gap_seconds: int = Field(60, ge=60, description="between two codes to one number")
    sms_codes_per_day: int = Field(10, ge=1, le=10, description="codes to one number within a day")
    sms_codes_per_source: int = Field(30, ge=1, description="codes asked for from one address within a minute")
    sms_codes_per_hour: int = Field(
        2000, ge=1, description="the whole office's budget of codes; 80 % of it raises an alarm"
    )
    sms_asks_last_four: bool = Field(
        True, description="a code signs in to a verified account together with the last four of its document number"
    )
