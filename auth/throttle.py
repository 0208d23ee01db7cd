"""How often one address may try; kit/limits.py counts."""

from kit.limits import let_pass

__all__ = ["let_pass"]
