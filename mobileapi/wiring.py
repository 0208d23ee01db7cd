"""Every effect that crosses a domain, on one screen: who listens to whom, which hooks the lower floors are given."""


def connect() -> None:
    """Connects the rooms. Called once a process, by the server and by the worker alike."""
