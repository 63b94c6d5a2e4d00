"""How options are read from the command line. Messages name them as `make load` does: `RATE=…`."""

from __future__ import annotations

from collections.abc import Callable

import click
from click.core import ParameterSource

from loadtests.errors import UsageError
from loadtests.plan import parse_duration


class Setting[T](click.ParamType):
    """An option's value; `read` makes it of text, or raises ValueError, and then `wanted` says what would do."""

    def __init__(self, name: str, read: Callable[[str], T], wanted: str) -> None:
        self.name = name
        self._read = read
        self._wanted = wanted

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> T:
        """Return the value. Raises UsageError naming the variable, the value and what would do."""
        if ctx is not None and ctx.get_parameter_source(_option(param)) is not ParameterSource.DEFAULT:
            typed(ctx)[_variable(param)] = str(value)
        try:
            return self._read(str(value).strip())
        except ValueError:
            raise UsageError(f"{_variable(param)}={value} is no {self.name}: give {self._wanted}") from None


def typed(ctx: click.Context) -> dict[str, str]:
    """What the user wrote, by variable."""
    words: dict[str, str] = ctx.meta.setdefault(f"{__name__}.typed", {})
    return words


def _option(param: click.Parameter | None) -> str:
    return (param.name if param else None) or ""


def _variable(param: click.Parameter | None) -> str:
    """As the option is called, which the function's parameter need not be: `from` is a word of Python's."""
    return param.opts[0].removeprefix("--").replace("-", "_").upper() if param else "?"


def _yes(text: str) -> bool:
    answers = {"yes": True, "no": False}
    if text not in answers:
        raise ValueError(text)
    return answers[text]


def _share(text: str) -> float:
    return float(text.removesuffix("%")) / 100


NUMBER = Setting("number", float, "one such as 5 or 0.5")
TEXT = Setting("text", str, "some")
WHOLE = Setting("whole number", int, "one such as 5")
DURATION = Setting("duration", parse_duration, "seconds (60), or 60s, 2m, 1h30m")
PERCENT = Setting("percentage", _share, "one such as 10%")
YES = Setting("answer", _yes, "yes or no")
