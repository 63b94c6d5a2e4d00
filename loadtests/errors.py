"""What can go wrong before or around a run.

    LoadtestError                 exit code 2; the message is one line: what happened, and how to mend it
    ├── UsageError                an option or a rule that makes no sense; nothing was started
    └── SetupError                the stack is not there, or not as it should be
        └── WorkerLostError       a worker process ended in the middle of a run

Failures of single requests are no exceptions: they are what a load test counts.
"""


class LoadtestError(Exception):
    """Base of all: whoever catches it prints the message and exits with 2."""


class UsageError(LoadtestError):
    """An option, or a rule of an SLO, that cannot be used."""


class SetupError(LoadtestError):
    """The stack cannot be reached or lacks what the scenario needs."""


class WorkerLostError(SetupError):
    """A worker process ended before its arrivals did: the figures would be of another load than asked for."""
