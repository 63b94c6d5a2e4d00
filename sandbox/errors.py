"""What can go wrong in the sandbox's commands, and the exit codes that say so.

SandboxError
├── UsageError        a word on the command line, or a setting, is wrong
│   └── TemplateError (sandbox/own_stack/errors.py) a user's template is wrong; a line for each thing
├── SetupError        a tool, a download or the port is missing
│   └── DockerError   (sandbox/docker.py) Docker or Compose is missing, does not answer, or refuses
├── MatrixError       (sandbox/matrix/command.py) a load-matrix was not measured whole
├── EngineError       LocalStack did not start, or died
└── NotRunningError   the command needs a running sandbox

Every message is one line: what happened, and what to do.
"""

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_NOT_RUNNING = 3
EXIT_INTERRUPTED = 130


class SandboxError(Exception):
    """A failure with a message for the user; ``exit_code`` is the command's."""

    exit_code = EXIT_FAILED


class UsageError(SandboxError):
    exit_code = EXIT_USAGE


class SetupError(SandboxError):
    exit_code = EXIT_USAGE


class EngineError(SandboxError):
    pass


class NotRunningError(SandboxError):
    exit_code = EXIT_NOT_RUNNING
