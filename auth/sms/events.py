"""What happened to text messages."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SmsBudgetRunsLow:
    """Four fifths of an hour's codes are sent; `hour` is its beginning in UTC. Told once an hour."""

    hour: str
    sent: int
    budget: int
