"""Opens a text file of somebody's own: plain or gzipped, in UTF-8 or in what Windows writes."""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from retail_log.errors import OrderLogError

_GZIP = b"\x1f\x8b"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WINDOWS = "windows-1252-where-not-utf-8"


@contextmanager
def opened(path: Path) -> Iterator[TextIO]:
    """The text, to be read once; a byte that is no UTF-8 is read as Windows-1252.

    Raises:
        OrderLogError: there is no such file, it cannot be read (also later, while it is read within), or is UTF-16.
    """
    try:
        with path.open("rb") as raw, io.BufferedReader(raw) as file:
            start = file.peek(2)[:2]
            if start in _UTF_16:
                raise OrderLogError(f"{path} is UTF-16: save it as CSV in UTF-8.")
            content = gzip.GzipFile(fileobj=file) if start == _GZIP else file
            with io.TextIOWrapper(content, encoding="utf-8-sig", errors=_WINDOWS, newline="") as text:
                yield text
    except FileNotFoundError:
        raise OrderLogError(f"{path}: there is no such file: check the path, from the checkout's root.") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise OrderLogError(f"{path} is damaged or cut off ({error}): copy it again.") from error
    except OSError as error:
        raise OrderLogError(f"{path} cannot be read: {error.strerror or error}.") from error


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(_WINDOWS, _as_windows)
