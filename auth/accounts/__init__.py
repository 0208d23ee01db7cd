"""Accounts of staff, as administrators keep them: who may come in. What they may do is staffing's."""
