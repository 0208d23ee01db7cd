"""Money taken at a window: shifts, what was taken in them by cash, card or cheque, and what was brought to the bank."""
