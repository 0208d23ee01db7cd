"""What supervisors see at a glance: the board. No tables of its own; everything is counted from the rows of others."""
