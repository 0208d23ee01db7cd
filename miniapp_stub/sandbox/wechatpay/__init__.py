"""WeChat Pay API v3 for one direct merchant: orders, refunds, notices, bills, certificates."""
