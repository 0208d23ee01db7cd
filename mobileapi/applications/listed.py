"""
A citizen's list as bytes: the most read page with rows.

It has the shape of `ApplicationList`, which a test holds it to. Building that model, row by row and text by text, costs
more than the statement that finds the rows.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from kit import clock
from mobileapi.applications.states import SHOWN_AS, WORDS, CaseState, PublicState

_WORDS: dict[PublicState, dict[str, str | None]] = {state: told.model_dump() for state, told in WORDS.items()}


def list_json(rows: Sequence[Any], next_cursor: str | None) -> bytes:
    """The rows of `mine.my_cases`, as JSON of ApplicationList."""
    return orjson.dumps({"items": [_line(row) for row in rows], "next_cursor": next_cursor})


def _line(row: Any) -> dict[str, Any]:
    state = SHOWN_AS[CaseState(row["state"])]
    due_days = [d for d in (row["promised_due"], row["statutory_due"]) if d is not None]
    office = row["department_code"]
    return {
        "id": str(row["id"]),
        "item": {
            "code": row["item_code"], "name": _text(row["item_name"]), "version": row["item_version"],
            "department": {
                "code": office,
                "name": _text(row["department_name"]) if row["department_name"] else {"zh": office, "en": None},
            },
        },
        "region": row["region_code"],
        "state": state,
        "state_text": _WORDS[state],
        "case_number": row["case_number"],
        "expected_date": min(due_days) if due_days and state == "accepted" else None,
        "holder_name": row["holder_name"] or None,
        "created_at": _at(row["created_at"]),
        "submitted_at": _at(row["submitted_at"]),
        "saved_at": _at(row["saved_at"]),
    }  # fmt: skip


def _text(kept: str) -> dict[str, str | None]:
    told = orjson.loads(kept)
    return {"zh": told, "en": None} if isinstance(told, str) else {"zh": told["zh"], "en": told.get("en")}


def _at(instant: datetime | None) -> str | None:
    return clock.city_time(instant).isoformat() if instant else None
