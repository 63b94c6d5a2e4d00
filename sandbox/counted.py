"""Numbers in messages."""


def counted(count: int, what: str) -> str:
    """``1 event``, ``2 events``."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
