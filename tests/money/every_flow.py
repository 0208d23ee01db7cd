"""All the ways money goes."""

from tests.money import at_desk, at_window, by_decision, flows

EVERY_FLOW = (*flows.FLOWS, *at_desk.FLOWS, *at_window.FLOWS, *by_decision.FLOWS)
