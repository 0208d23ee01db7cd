"""Settings of what leads to an account."""

from pydantic import Field

from kit import config


class JoiningSettings(config.Settings):
    phone_move_minutes: int = Field(
        10, ge=1, le=10, description="the old device answers within so long whether a number moves"
    )
    phone_undo_hours: int = Field(
        72, ge=24, le=720, description="the former account may take its number back for so long"
    )
    merge_code_seconds: int = Field(
        120, ge=30, le=300, description="life of the code one account shows to join another"
    )
    merge_tries_per_minute: int = Field(5, ge=1, description="merge codes one account may try")
