"""Outbox handlers and job runners of this room."""


def register_all() -> None:
    """Bind names to functions."""
