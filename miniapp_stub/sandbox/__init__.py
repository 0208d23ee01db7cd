"""The platform sandbox: plays WeChat and WeChat Pay towards the office, with its own keys and its own truth.

It imports nothing from the server, so that two independent implementations check each other.
"""
