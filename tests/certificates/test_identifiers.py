"""The national identifier against live ones (certificates of ministries and cities in public use)."""

import pytest

from mobileapi.certificates.identifiers import check_character, fresh_serial, identifier, identifier_holds

LIVE = [
    ("11100000000013338W011", "11430000006122244L", "20230000403", "001", "U"),
    ("11100000000013338W009", "11330105002500287C", "2025052201", "002", "0"),
    ("11100000MB03271699022", "340100", "000000016", "001", "9"),
]


@pytest.mark.parametrize(("type_code", "issuer", "serial", "version", "check"), LIVE)
def test_the_check_character_is_that_of_live_certificates(
    type_code: str, issuer: str, serial: str, version: str, check: str
) -> None:
    assert check_character(type_code + issuer + serial + version) == check
    assert identifier_holds(f"1.2.156.3005.2.{type_code}.{issuer}.{serial}.{version}.{check}")


def test_the_documentation_sample_that_does_not_fit_is_told_apart() -> None:
    sample = "1.2.156.3005.2.11100000000013661B006.113700000045046442.209FA4E88F9E4C878F3E9BED2CE7EA49.001.M"
    assert not identifier_holds(sample)
    assert identifier_holds(sample[:-1] + "D")


def test_an_identifier_of_ours_has_the_national_layout() -> None:
    made = identifier(type_code="11440105MB9D01116K001", issuer="11440105MB9D01116K", serial=fresh_serial())
    parts = made.removeprefix("1.2.156.3005.2.").split(".")
    assert [len(p) for p in parts] == [21, 18, 20, 3, 1]
    assert parts[3] == "001"
    assert identifier_holds(made)


def test_every_single_wrong_character_and_every_swap_of_neighbours_is_noticed() -> None:
    whole = identifier(type_code="11440105MB9D01116K001", issuer="11440105MB9D01116K", serial="A1B2C3D4E5F6G7H8I9J0")
    places = [n for n in range(len("1.2.156.3005.2."), len(whole)) if whole[n] != "."]
    for n in places:
        other = "Z" if whole[n] != "Z" else "7"
        assert not identifier_holds(whole[:n] + other + whole[n + 1 :])
    for n in places[:-1]:
        a, b = whole[n], whole[n + 1]
        if "." not in (a, b) and a != b:
            assert not identifier_holds(whole[:n] + b + a + whole[n + 2 :])


@pytest.mark.parametrize("junk", ["", "1.2.156.3005.2.", "1.2.156.3005.2.a.b.c.d.e", "1.2.3", "1.2.156.3005.2....."])
def test_junk_is_no_identifier(junk: str) -> None:
    assert not identifier_holds(junk)
