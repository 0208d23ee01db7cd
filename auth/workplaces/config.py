"""Settings of signing in by DingTalk and WeCom. The addresses can be a government deployment's own gateway."""

from typing import Literal

from pydantic import Field, SecretStr

from kit import config


class WorkplaceSettings(config.Settings):
    dingtalk_api_url: str = Field("https://api.dingtalk.com", description="address of DingTalk's new API")
    dingtalk_oapi_url: str = Field("https://oapi.dingtalk.com", description="address of DingTalk's older API")
    dingtalk_login_url: str = Field("https://login.dingtalk.com", description="where browsers are sent to scan")
    dingtalk_corp_id: str = Field("", description="id of our organisation in DingTalk; needed with the app key")
    dingtalk_app_key: str = Field("", description="app key of our DingTalk app; unset: DingTalk is not offered")
    dingtalk_app_secret: SecretStr = Field(SecretStr(""), description="app secret; needed with the app key")

    dingtalk_agent_id: str = Field(
        "", description="number of our DingTalk app (agent id); unset: no work messages go by DingTalk"
    )

    wecom_api_url: str = Field("https://qyapi.weixin.qq.com", description="address of WeCom's API")
    wecom_scan_url: str = Field("https://login.work.weixin.qq.com", description="where browsers are sent to scan")
    wecom_authorise_url: str = Field("https://open.weixin.qq.com", description="where WeCom's own browser is sent")
    wecom_corp_id: str = Field("", description="id of our organisation in WeCom; unset: WeCom is not offered")
    wecom_agent_id: str = Field("", description="id of our app in WeCom; needed with the corp id")
    wecom_secret: SecretStr = Field(SecretStr(""), description="secret of our app in WeCom; needed with the corp id")

    workplace_second_factor: Literal["vouched", "never", "always"] = Field(
        "vouched",
        description="whether signing in by DingTalk or WeCom counts as both factors: when the member bound it in a "
        "session with a second factor, never, or always",
    )
    workplace_start_seconds: int = Field(
        300, ge=60, le=300, description="life of a sign-in that was begun at DingTalk or WeCom"
    )
    workplace_starts_per_minute: int = Field(60, ge=1, description="sign-ins begun at workplaces from one address")
