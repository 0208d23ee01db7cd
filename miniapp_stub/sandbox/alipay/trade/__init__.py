"""Alipay's acquiring for one direct merchant: trades, refunds, notices, bills, the balance account."""
