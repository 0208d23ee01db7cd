"""DingTalk for one organisation and its app: app token, sign-in within the app, sign-in by scan."""
