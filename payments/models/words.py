"""Texts of tables in both languages."""

Words = dict[str, str | None]  # {"zh": …, "en": …}
