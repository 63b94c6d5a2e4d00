"""What can be wrong with a log."""


class OrderLogError(Exception):
    """A log cannot be read. The message is one line: where, what is wrong, and what would be right."""
