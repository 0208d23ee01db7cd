"""
The day close: what was booked of an office day is summed up, signed for each body, and never changes afterwards.

Whoever books something that belongs to an earlier day books it today; `is_closed` tells whether a day may still change.
"""

from payments.closing.closes import is_closed

__all__ = ["is_closed"]
