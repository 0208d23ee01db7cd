"""Settings of the materials."""

from pydantic import Field

from kit.config import Settings


class MaterialSettings(Settings):
    darkroom_processes: int = Field(2, ge=1, le=32, description="processes that open photographs, a server process")
    upload_life_days: int = Field(7, ge=1, le=365, description="an upload nobody uses is deleted after so many days")
    unused_uploads: int = Field(200, ge=20, le=100_000, description="photographs one person may have that nothing uses")
