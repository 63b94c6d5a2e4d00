"""Archives of functions for the tests."""

import io
import textwrap
import zipfile


def archive(files: dict[str, str]) -> bytes:
    """A zip of modules, given as dedented text."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as target:
        for name, text in files.items():
            target.writestr(name, textwrap.dedent(text))
    return content.getvalue()
