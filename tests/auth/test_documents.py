"""The vectors of GB 11643-1999, GB 32100-2015 and GB 11714-1997, and the shapes of other documents."""

from datetime import date

import pytest
from id_validator import validator

from auth.documents import (
    Document,
    body_check,
    check_character,
    could_exist,
    credit_check,
    is_citizen_number,
    is_credit_code,
    is_credit_code_shaped,
    masked,
    normal,
)

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("digits", "check"), [("11010519491231002", "X"), ("44030819990110151", "2"), ("33010219900307123", "0")]
)
def test_the_check_character_of_a_resident_id(digits: str, check: str) -> None:
    assert check_character(digits) == check
    assert is_citizen_number(digits + check, today=TODAY)
    assert validator.is_valid(digits + check)


@pytest.mark.parametrize("wrong", ["110105194912310021", "11010120000230001X", "31010519491231002X"])
def test_the_counter_examples_of_a_resident_id(wrong: str) -> None:
    assert not is_citizen_number(wrong, today=TODAY)
    assert not validator.is_valid(wrong)


@pytest.mark.parametrize(
    "code", ["91110000101623741K", "911101066976941872", "91350100M000100Y43", "11330100MB00000030"]
)
def test_credit_codes_fit_their_check_symbol(code: str) -> None:
    assert (credit_check(code[:17]), is_credit_code(code)) == (code[17], True)


def test_a_credit_code_that_was_issued_with_another_symbol_is_a_misfit_of_the_right_shape() -> None:
    assert credit_check("91350211M0000XUF4") == "R"
    assert (is_credit_code("91350211M0000XUF46"), is_credit_code_shaped("91350211M0000XUF46")) == (False, True)


@pytest.mark.parametrize(
    "code",
    ["91110000101623741", "91110000101623741KK", "9111000010162374IK", "9111O000101623741K", "91110000101623741k", ""],
)
def test_what_is_no_credit_code_has_not_even_its_shape(code: str) -> None:
    assert (is_credit_code(code), is_credit_code_shaped(code)) == (False, False)


@pytest.mark.parametrize(("body", "check"), [("10162374", "1"), ("69769418", "7"), ("00248208", "2")])
def test_the_check_of_an_organisation_body_code(body: str, check: str) -> None:
    assert body_check(body) == check


def of_birth(start: str) -> str:
    return start + check_character(start)


@pytest.mark.parametrize(
    ("document", "number"),
    [
        (Document.RESIDENT_ID, "11010519491231002X"),
        (Document.HMT_RESIDENCE, of_birth("81000019900307123")), (Document.HMT_RESIDENCE, of_birth("82000019900307123")),
        (Document.HMT_RESIDENCE, of_birth("83000019900307123")),
        (Document.FOREIGN_RESIDENCE, of_birth("91156219900307123")), (Document.FOREIGN_RESIDENCE, "USA110090030712"),
        (Document.FOREIGN_RESIDENCE, "GBR440004022901"),
        (Document.HM_PERMIT, "H12345678"), (Document.HM_PERMIT, "M1234567801"),
        (Document.TW_PERMIT, "12345678"), (Document.TW_PERMIT, "1234567890B"),
        (Document.PASSPORT, "E12345678"), (Document.PASSPORT, "123456789"),
    ],
)  # fmt: skip
def test_a_number_fits_its_own_kind_of_document_and_no_other_of_its_length(document: Document, number: str) -> None:
    assert could_exist(document, number, today=TODAY)
    long = {Document.RESIDENT_ID, Document.HMT_RESIDENCE, Document.FOREIGN_RESIDENCE}
    if document in long:
        assert [kind for kind in long if could_exist(kind, number, today=TODAY)] == [document]


@pytest.mark.parametrize(
    ("document", "number"),
    [
        (Document.RESIDENT_ID, of_birth("81000019900307123")), (Document.HMT_RESIDENCE, "11010519491231002X"),
        (Document.HMT_RESIDENCE, of_birth("81000019900307123")[:17] + "?"), (Document.FOREIGN_RESIDENCE, "USA110090130712"),
        (Document.FOREIGN_RESIDENCE, "usa110090030712"), (Document.FOREIGN_RESIDENCE, "US1110090030712"),
        (Document.HM_PERMIT, "A12345678"), (Document.HM_PERMIT, "H1234567"), (Document.TW_PERMIT, "1234567"),
        (Document.PASSPORT, "ABCDEFGH"), (Document.PASSPORT, "E1"), (Document.PASSPORT, "E1234567890123"),
        (Document.PASSPORT, "E１２３４５６７"), (Document.PASSPORT, "E1234 567"),
    ],
)  # fmt: skip
def test_a_number_of_another_shape_does_not_fit(document: Document, number: str) -> None:
    assert not could_exist(document, number, today=TODAY)


def test_numbers_are_kept_plain_and_shown_masked() -> None:
    assert normal(" ｈ1234 5678\u3000") == "H12345678"
    assert masked("11010519491231002X") == "110***********002X"
    assert masked("H12345678") == "H******78"
