"""Receipts (财政电子票据): issued when a bill is settled, taken back by red-letter receipts, proven to anybody."""

from payments.receipts.issuers import check_code
from payments.receipts.issuing import issue
from payments.receipts.paper import in_capital_words, pdf
from payments.receipts.proof import Proof, proven, verify_url
from payments.receipts.reversing import reverse

__all__ = ["Proof", "check_code", "in_capital_words", "issue", "pdf", "proven", "reverse", "verify_url"]
