"""Settings of notices."""

from pydantic import Field

from kit import config


class NotifySettings(config.Settings):
    notices_kept_days: int = Field(365, ge=30, le=1095, description="a citizen's notices are removed after so long")
    staff_notices_kept_days: int = Field(90, ge=7, le=365, description="notices to staff are removed after so long")
