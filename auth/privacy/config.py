"""Settings of people's rights over their own data."""

from pydantic import Field

from kit import config


class PrivacySettings(config.Settings):
    export_link_minutes: int = Field(60, ge=1, le=1440, description="a link to an export is good for so long, once")
    export_hours: int = Field(24, ge=1, le=72, description="an export's file is deleted after so long")
    data_correction_workdays: int = Field(15, ge=1, le=30, description="a correction is judged within so many workdays")
    closure_days: int = Field(7, ge=0, le=30, description="an account that is to be closed can be kept for so long")
    closure_sign_in_keeps: bool = Field(True, description="signing in within those days keeps the account")
    data_desk: str = Field("ZWFW", description="codes of the departments whose staff judge corrections, by commas")
    draft_days: int = Field(180, ge=30, le=730, description="a draft nobody touched for so long is emptied")
    draft_notice_days: int = Field(14, ge=1, le=30, description="its owner is told so many days before")
