import base64
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from kit import config
from kit.cursors import end_of, place_in
from kit.errors import InvalidRequest
from mobileapi.settings import OfficeSettings

pytestmark = pytest.mark.usefixtures("settings")

AT = datetime(2026, 11, 21, 6, 30, 0, 123456, tzinfo=UTC)


def test_a_place_comes_back_as_it_was_told() -> None:
    one = uuid4()
    assert place_in("cases", end_of("cases", AT, one), datetime, type(one)) == (AT, one)
    assert place_in("runs", end_of("runs", date(9999, 12, 31), "wechat"), date, str) == (date(9999, 12, 31), "wechat")
    assert place_in("items", end_of("items", 40), int) == (40,)
    assert place_in("items", None, int) is None
    assert len(end_of("inbox", date.today(), AT, one)) <= 200


def test_one_that_we_did_not_make_is_refused_and_names_its_field() -> None:
    whole = end_of("items", 40)
    raw = bytearray(base64.urlsafe_b64decode(whole + "=" * (-len(whole) % 4)))
    flipped = []
    for place in range(len(raw)):
        changed = raw.copy()
        changed[place] ^= 1
        flipped.append(base64.urlsafe_b64encode(changed).decode().rstrip("="))
    for wrong in [*flipped, "nonsense", "é", "%%%", "cDk5OTk5", whole[:-1], whole + "A", "A" * 200, "\n" + whole]:
        with pytest.raises(InvalidRequest) as refusal:
            place_in("items", wrong, int)
        assert [e.field for e in refusal.value.errors] == ["cursor"]


def test_one_of_another_list_or_office_is_refused(settings: OfficeSettings) -> None:
    whole = end_of("items", 40)
    with pytest.raises(InvalidRequest):
        place_in("bills", whole, int)
    other = type(settings.secret_key)("another office's secret, thirty-two characters")
    config.install(settings.model_copy(update={"secret_key": other}))
    with pytest.raises(InvalidRequest):
        place_in("items", whole, int)
