"""Plumbing without a domain word in it; a short, closed list of files."""
