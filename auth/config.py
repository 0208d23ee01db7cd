"""Settings of signing in."""

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, SecretStr

from kit import config


class AuthSettings(config.Settings):
    wechat_api_url: str = Field("https://api.weixin.qq.com", description="address of the WeChat open platform")
    wechat_app_id: str = Field("", description="app id of the WeChat mini program")
    wechat_app_secret: SecretStr = Field(SecretStr(""), description="app secret of the WeChat mini program")

    wechat_message_state: Literal["formal", "trial", "developer"] = Field(
        "formal", description="which version of the mini program a tap on a subscription message opens"
    )

    alipay_gateway_url: str = Field(
        "https://openapi.alipay.com/gateway.do", description="address of Alipay's open platform gateway"
    )
    alipay_app_id: str = Field("", description="app id of the Alipay mini program; unset: Alipay is not offered")
    alipay_private_key_file: Path | None = Field(
        None, description="file of our RSA2 key for Alipay, PEM or the key tool's base64; needed with the app id"
    )
    alipay_public_key_file: Path | None = Field(
        None, description="file of Alipay's public key for our app, PEM or the console's base64; needed with the app id"
    )
    alipay_aes_key: SecretStr = Field(
        SecretStr(""), description="base64 of 16 bytes; opens phone numbers from Alipay; needed with the app id"
    )

    alipay_message_refusals: str = Field(
        "USER_NOT_SUBSCRIBE",
        description="sub codes by which Alipay says that a person did not allow a message, or that it is used up",
    )

    token_issuer: str = Field("handheld-office", description="`iss` of our access tokens")
    token_key_file: Path | None = Field(
        None, description="PEM file of the Ed25519 key that signs access tokens; unset in demo: made once"
    )
    token_previous_key_file: Path | None = Field(
        None, description="PEM file of the former key, while tokens signed with it may still be around"
    )
    access_minutes: int = Field(15, ge=1, le=60, description="life of an access token")
    citizen_refresh_days: int = Field(
        30, ge=1, le=90, description="a citizen's device is signed out after so long unused"
    )
    citizen_session_days: int = Field(180, ge=1, le=366, description="a citizen signs in afresh after so long at most")
    staff_idle_minutes: int = Field(30, ge=5, le=120, description="staff are signed out after so long without activity")
    staff_session_hours: int = Field(12, ge=1, le=24, description="staff sign in afresh after so long at most")

    step_up_minutes: int = Field(
        5, ge=1, le=30, description="what weighs heavy asks that the person proved so recently who they are"
    )

    one_taps_per_minute: int = Field(
        300, ge=1, description="one-tap sign-ins from one address; a mobile gateway is shared"
    )
    staff_sign_ins_per_minute: int = Field(60, ge=1, description="staff sign-in tries from one address")

    step_ups_per_minute: int = Field(10, ge=1, description="tries of one person to prove again who they are")

    scan_seconds: int = Field(120, ge=30, le=120, description="life of the QR code a kiosk or desktop shows")
    scan_fresh_minutes: int = Field(
        10, ge=1, le=60, description="a phone confirms a scan when its person signed in so recently"
    )
    scan_session_hours: int = Field(
        4, ge=1, le=24, description="a kiosk or desktop signed in by scan is signed out after so long"
    )
    scans_per_minute: int = Field(60, ge=1, description="QR codes asked for from one address; a hall shares one")
    scan_polls_per_minute: int = Field(1200, ge=60, description="looks at scan tickets from one address")
    scan_misses_per_minute: int = Field(60, ge=5, description="looks at tickets that do not exist, from one address")

    people_read_per_hour: int = Field(
        120, ge=1, description="different people whose matters one member of staff may open within an hour"
    )

    staff_otp_once: bool = Field(
        True,
        description="a TOTP code signs in once (RFC 6238 §5.2), always so in production; the demo lets it be repeated",
    )

    production_needs: ClassVar[tuple[str, ...]] = ("wechat_app_id", "wechat_app_secret", "token_key_file")
