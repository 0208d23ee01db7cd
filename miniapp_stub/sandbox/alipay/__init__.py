"""The Alipay open platform for one mini program: the signed gateway, login, and what the phone hands over."""
