"""What is wrong with a user's template: a line for each, exit code 2."""

from sandbox.errors import UsageError


class TemplateError(UsageError):
    """Nothing was started or changed."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
