"""Messages to people outside the app: one-time subscriptions of the two mini programs, and work messages to members."""
