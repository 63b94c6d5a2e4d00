"""What a condition is called in a message."""

import ast
import inspect
import textwrap
from collections.abc import Callable

_LONGEST = 100
_UNKNOWN = "The condition"


def name_of(condition: Callable[[], object]) -> str:
    """``table_is_empty()``, or the source of a lambda where it is short and the only one of its line."""
    name = getattr(condition, "__name__", "")
    if name == "<lambda>":
        source = _source(condition)
        return f"`{source}`" if source else _UNKNOWN
    return f"{name}()" if name.isidentifier() else _UNKNOWN


def _source(condition: Callable[[], object]) -> str | None:
    try:
        text = textwrap.dedent(inspect.getsource(condition)).strip()
        lambdas = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Lambda)]
    except (OSError, TypeError, SyntaxError):
        return None
    source = ast.get_source_segment(text, lambdas[0].body) if len(lambdas) == 1 else None
    return source if source and len(source) <= _LONGEST and "\n" not in source else None
