"""A card of a bill has a word for every state a bill can be in."""

from mobileapi.consulting.of_bills import WORDS
from payments.states import PublicBillState


def test_every_state_of_a_bill_has_its_word_on_a_card() -> None:
    assert set(WORDS) == set(PublicBillState)
