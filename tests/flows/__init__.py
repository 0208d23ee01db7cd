"""The five flows, walked over HTTP and the socket against a running server; one line a step.

python -m tests.flows http://127.0.0.1:8000
"""
