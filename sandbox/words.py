"""The words that were typed with make. One that no target knows is refused: its target would do as if nothing was said.

Standard library only: the set-up asks, before all else.
"""

import difflib
import re
from collections.abc import Mapping

from sandbox.errors import UsageError
from sandbox.paths import ROOT

TYPED = "TYPED_WORDS"  # by the Makefile, where it was not called by another make, whose words may be anything
_NOT_EXPORTED = {"ARGS", "DEBUG", "ENGINE_SWITCHES", "ONLINE_RETAIL_CSV"}
# Variables of make's own and of other programs, which may be given in the same way.
_OTHERS = re.compile(
    r"(AWS|COMPOSE|DOCKER|LC|LOADSTACK|LOCALSTACK|NODE|NPM|PIP|PYTEST|SSL|UV|XDG)_.*|(GNU)?MAKE.*|PYTHON.*|.*_PROXY"
    r"|BROWSER|CI|COLUMNS|CURDIR|EDITOR|FORCE_COLOR|HOME|JAVA_HOME|LANG|LINES|NO_COLOR|PAGER|PATH|SHELL|SUFFIXES|TERM"
    r"|TMPDIR|TZ|USER|V|VPATH|.*[^A-Z0-9_].*"
)


def check(environment: Mapping[str, str]) -> None:
    """Raises UsageError for words that no target knows; in small letters, only for those that one knows in capitals."""
    typed = environment.get(TYPED, "").split()
    if not typed:
        return
    words = known()
    wrong = [name for name in typed if name not in words and (name.upper() in words or not _OTHERS.fullmatch(name))]
    if wrong:
        raise UsageError(" ".join(_told(name, words) for name in wrong))


def known() -> set[str]:
    """The words of all targets: those that the Makefile exports, and some that stay as they are."""
    exported = re.findall(r"^export ([A-Z_ ]+)$", (ROOT / "Makefile").read_text(), re.M)
    return _NOT_EXPORTED.union(*(line.split() for line in exported))


def _told(name: str, words: set[str]) -> str:
    told = f"{name}= is not a word of any make target"
    if guess := difflib.get_close_matches(name.upper(), sorted(words), n=1):
        return f"{told}: did you mean {guess[0]}=?"
    return f"{told}. A variable of another program's stands before make, as in {name}=… make up."
