"""What this room does when the journal says something happened, and its navigation."""


def register_all() -> None:
    """Subscribe to the journal and add navigation entries."""
