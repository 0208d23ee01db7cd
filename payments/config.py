"""What paying needs to be told."""

from pathlib import Path
from typing import ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr

from kit.config import BadConfiguration, Settings

CHANNEL_ADDRESSES = ("wechatpay_api_url", "alipay_gateway_url", "alipay_bill_url")
PRACTICE_HOSTS = ("alipaydev.com", "localhost", "127.0.0.1")
ALIPAY_NEEDS = ("alipay_app_id", "alipay_private_key_file", "alipay_public_key_file")


class PaymentSettings(Settings):
    wechat_app_id: str = Field("", description="app id of the WeChat mini program")
    wechatpay_api_url: str = Field("https://api.mch.weixin.qq.com", description="address of WeChat Pay")
    wechatpay_mch_id: str = Field("", description="our merchant number at WeChat Pay")
    wechatpay_serial_no: str = Field("", description="serial number of our merchant certificate, upper-case hex")
    wechatpay_private_key_file: Path | None = Field(None, description="PEM file of our merchant key")
    wechatpay_api_v3_key: SecretStr = Field(SecretStr(""), description="32 characters; opens notices and certificates")
    wechatpay_platform_key_file: Path | None = Field(
        None, description="PEM file of WeChat Pay's public key or certificate; unset: certificates are downloaded"
    )
    wechatpay_platform_key_id: str = Field(
        "", description="PUB_KEY_ID_… of the public key; unset: the file holds a certificate, or certificates are used"
    )
    wechatpay_former_platform_keys: str = Field(
        "",
        description="keys of WeChat Pay that may still sign while they rotate: `PUB_KEY_ID_…=file`, comma separated",
    )
    wechatpay_fee_basis_points: int = Field(60, ge=0, le=1000, description="agreed fee in 1/10,000 of the amount")
    alipay_seller_id: str = Field(
        "", pattern=r"^(2088\d{12})?$", description="our account at Alipay (2088…); unset: nothing is paid by Alipay"
    )
    alipay_former_public_key_file: Path | None = Field(
        None, description="file of Alipay's former public key, while notices signed with it may still come"
    )
    alipay_bill_url: str = Field("https://dwbillcenter.alipay.com", description="address Alipay hands bills out at")
    alipay_fee_basis_points: int = Field(60, ge=0, le=1000, description="agreed fee in 1/10,000 of the amount")
    order_life_minutes: int = Field(30, ge=5, le=120, description="how long an order can be paid")
    payment_code_pattern: str = Field(r"\d{16}|\d{20}", description="what a payment code looks like in this region")
    payment_code_check: Literal["", "luhn", "mod_11_10"] = Field(
        "", description="rule the last digit of payment codes follows in this region: luhn, mod_11_10 or none"
    )
    receipt_class_code: str = Field(
        "440601", pattern=r"^\d{6}$", description="first six digits of receipt codes: division, class, kind"
    )
    receipt_platform_url: str = Field(
        "", description="address of the region's e-receipt platform; unset: this office numbers receipts itself"
    )
    receipt_platform_app_id: str = Field("", description="our name at the e-receipt platform")
    receipt_platform_key: SecretStr = Field(SecretStr(""), description="secret agreed with the e-receipt platform")
    receipt_issuer: str = Field("掌上办示范区财政局", description="who stands on receipts as their issuer")

    refund_second_approval_above_fen: int = Field(
        5_000_000, ge=0, description="more fen than this of one payment take two approvers besides who asked"
    )
    refund_asked_a_day_fen: int = Field(100_000_000, ge=1, description="fen of refunds one person may ask for in a day")
    refund_channel_days: int = Field(
        360, ge=1, le=365, description="days after paying within which money goes back the way it came"
    )
    refund_channel_workdays: int = Field(3, ge=1, description="working days a payer is told a refund takes")
    refund_treasury_workdays: int = Field(
        15, ge=1, description="working days a payer is told a refund by the treasury takes"
    )

    production_needs: ClassVar[tuple[str, ...]] = (
        "wechat_app_id",
        "wechatpay_mch_id",
        "wechatpay_serial_no",
        "wechatpay_private_key_file",
        "wechatpay_api_v3_key",
    )

    def refuse_bad_production(self) -> None:
        """No channel is spoken to in the clear, nor one where nothing is really paid. Raises BadConfiguration."""
        super().refuse_bad_production()
        if self.demo:
            return
        for name in CHANNEL_ADDRESSES:
            address = urlsplit(getattr(self, name, "https://"))
            if address.scheme != "https":
                raise BadConfiguration(f"HANDHELD_{name.upper()} must begin with https:// in production")
            if (address.hostname or "").endswith(PRACTICE_HOSTS):
                raise BadConfiguration(f"HANDHELD_{name.upper()} is a place to practise; nothing is paid there")
        if self.alipay_seller_id:
            for name in ALIPAY_NEEDS:
                if not getattr(self, name, None):
                    raise BadConfiguration(f"HANDHELD_{name.upper()} must be set with HANDHELD_ALIPAY_SELLER_ID")
