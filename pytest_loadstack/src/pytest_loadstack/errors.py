"""What can go wrong with the sandbox of a test session.

LoadstackError       no sandbox: where it should come from, or why it ended; one line, with what to do
"""


class LoadstackError(Exception):
    """Told by the fixtures as a failure of the test that asked."""
