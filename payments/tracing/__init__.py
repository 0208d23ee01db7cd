"""The whole story of some money, found by any number that stands on a paper about it."""
