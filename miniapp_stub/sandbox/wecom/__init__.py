"""WeCom for one organisation and its app: app token, and who a code belongs to."""
