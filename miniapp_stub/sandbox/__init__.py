"""The platform sandbox: plays WeChat, WeChat Pay and Alipay towards the office, with its own keys and its own truth.

It imports nothing from the server, so that two independent implementations check each other.
"""
