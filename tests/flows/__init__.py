"""
The flows the office opens with, walked over HTTP and the socket against a running server; one line a step.

python -m tests.flows http://127.0.0.1:8000
"""

from tests.flows.money import give_back
from tests.flows.walks import bind, consult, file_case, pay, reconcile

FLOWS = {
    "bind": bind, "file": file_case, "consult": consult, "pay": pay, "reconcile": reconcile, "give back": give_back,
}  # fmt: skip
