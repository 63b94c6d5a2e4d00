"""Everything that `bootstrap` raises on purpose.

    BootstrapError
    ├── DeclarationError   the declaration of the stack contradicts itself; nothing was sent
    ├── PackageError       a function or a layer cannot be packaged (syntax error, failed download)
    ├── DeployError        AWS refused, or did not answer, while one resource was created or updated
    ├── SeedError          the catalogue or the demo users could not be written
    └── ResetError         the data could not be emptied

`str(error)` is what a developer should read: what happened to which resource, and how to mend it.
"""

from collections.abc import Sequence


class BootstrapError(Exception):
    """The root of the tree: catch this to show any failure of the bootstrap in one place."""


class DeclarationError(BootstrapError):
    """The declaration has mistakes; `mistakes` holds one line for each."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


class PackageError(BootstrapError):
    """Code or layers cannot be packaged; `problems` holds one line for each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class DeployError(BootstrapError):
    """One resource could not be created or updated.

    `resource` is its label (`function orders`), `code` AWS's error code or the exception's name, `hint` what
    to do.
    """

    def __init__(self, resource: str, code: str, message: str, hint: str = "") -> None:
        text = f"{resource}: {code}: {message}"
        super().__init__(f"{text}. {hint}" if hint else text)
        self.resource, self.code, self.message, self.hint = resource, code, message, hint


class SeedError(BootstrapError):
    """The seed stopped half way; it is not marked as done, so the next call starts it again."""


class ResetError(BootstrapError):
    """Some data could not be emptied; calling again is safe."""
