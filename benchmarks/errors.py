"""What can go wrong in a benchmark.

BenchmarkError
├── UsageError      a word of the command is wrong
└── ContenderError  a contender did not start, could not be set up, or broke off
"""


class BenchmarkError(Exception):
    """One line for the user: what happened, and how to mend it."""


class UsageError(BenchmarkError):
    pass


class ContenderError(BenchmarkError):
    pass
