"""The WeChat open platform for one mini program: login, access token, phone number, signed user data."""
