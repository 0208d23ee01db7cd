"""Words for people: zh-CN first, English second."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class Text(BaseModel):
    """A text in both languages; English may be missing, then Chinese is shown."""

    model_config = ConfigDict(frozen=True)

    zh: str
    en: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain_string_is_chinese(cls, value: Any) -> Any:
        return {"zh": value} if isinstance(value, str) else value

    def in_language(self, language: str) -> str:
        return self.en if language == "en" and self.en else self.zh


def text(zh: str, en: str | None = None) -> Text:
    return Text(zh=zh, en=en)


def language_of(accept_language: str | None) -> str:
    """`"en"` when English is asked for before Chinese, else `"zh"` (RFC 9110 §12.5.4)."""
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate((accept_language or "")[:200].split(",")):
        tag, _, params = part.strip().partition(";")
        prefix = tag.lower()[:2]
        if prefix in {"zh", "en"}:
            weight = params.strip().removeprefix("q=")
            try:
                wanted.append((-float(weight or 1), place, prefix))
            except ValueError:
                continue
    return min(wanted)[2] if wanted else "zh"
