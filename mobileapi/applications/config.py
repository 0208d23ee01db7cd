"""Settings of the cases."""

from pydantic import Field

from kit.config import Settings


class ApplicationSettings(Settings):
    case_prefix: str = Field("HZ", pattern=r"^[A-Z]{2,4}$", description="letters a case number begins with")
    correction_workdays: int = Field(10, ge=1, le=60, description="working days a citizen has to complete materials")
