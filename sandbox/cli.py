"""The command line behind the make targets. Settings come from the environment: see the Makefile."""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import click
from rich.console import Console
from rich.markup import escape

from bootstrap.errors import BootstrapError
from sandbox import preflight
from sandbox import target as targets
from sandbox.errors import EXIT_FAILED, EXIT_INTERRUPTED, SandboxError, UsageError
from sandbox.own_stack import record
from sandbox.own_stack.errors import TemplateError
from sandbox.paths import RUN

# The ARN of a secret has :secret: in it, which is an emoji's name.
console = Console(highlight=False, soft_wrap=True, emoji=False)
errors = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


@click.group(help=__doc__)
def commands() -> None:
    """The group that the commands below join."""


def main() -> int:
    """Run a command; every failure is one line on stderr and an exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    try:
        return int(commands(sys.argv[1:] or ["--help"], standalone_mode=False) or 0)
    except click.ClickException as error:
        return _fail(error.format_message(), UsageError.exit_code)
    except TemplateError as error:
        return max(_fail(line, error.exit_code) for line in str(error).splitlines())
    except SandboxError as error:
        return _fail(str(error), error.exit_code)
    except BootstrapError as error:
        return max(_fail(line, EXIT_FAILED) for line in str(error).splitlines())
    except (KeyboardInterrupt, click.Abort):
        errors.print("Interrupted.")  # click has ended the line with the ^C
        return EXIT_INTERRUPTED
    except Exception as error:
        if os.environ.get("DEBUG"):
            raise
        where = _innermost(error)
        return _fail(f"{type(error).__name__}: {error} ({where}; DEBUG=1 shows the traceback)", EXIT_FAILED)


def _fail(message: str, exit_code: int) -> int:
    errors.print(f"[red]error:[/] {escape(' '.join(message.split()))}")
    return exit_code


def _innermost(error: BaseException) -> str:
    frame = error.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    return f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame else "nowhere"


def _interrupt(signum: int, frame: object) -> None:
    """As Ctrl-C; once, for make and its caller both send SIGTERM on."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def _command(name: str) -> Callable[[Callable[..., Any]], click.Command]:
    return commands.command(name=name)


@_command("up")
def up() -> int:
    """Start the sandbox and create the stack; again: update what changed."""
    if os.environ.get("TEMPLATE"):
        from sandbox.own_stack import up as own

        return own.run(targets.from_environment(starts=True), os.environ, console)
    from sandbox import up as module

    return module.run(
        targets.from_environment(starts=True), console, preflight.flow(os.environ), preflight.way(os.environ)
    )


@_command("engine")
def engine() -> int:
    """LocalStack alone, in the foreground, on PORT=… or a free port; for test suites."""
    from sandbox import engine as module

    return module.run(os.environ)


@_command("deploy")
def deploy() -> int:
    """Build and update one service alone (SERVICE=…)."""
    from sandbox import deploy as module

    return module.run(
        _shop(),
        _required("SERVICE", "make deploy SERVICE=orders"),
        console,
        preflight.flow(os.environ),
    )


@_command("build")
def build() -> None:
    """Build the functions and their layers, and nothing else."""
    from sandbox import artifacts

    artifacts.build(console)


@_command("down")
def down() -> int:
    """Stop everything that up started."""
    from sandbox import down as module

    return module.run(targets.from_environment(), console)


@_command("status")
def status() -> int:
    """Engine, resources, queue depths, function pools."""
    if (own := _own_stack()) is not None:
        from sandbox.own_stack import status as of_own

        return of_own.run(targets.from_environment(), own, console)
    from sandbox import status as module

    return module.run(targets.from_environment(), console)


@_command("logs")
def logs() -> int:
    """Follow the logs of the engine and the functions (FUNCTION=… for one)."""
    from sandbox import logs as module

    return module.run(targets.from_environment(), os.environ.get("FUNCTION") or None, console)


@_command("order")
def order() -> int:
    """Place one real order and print its timeline."""
    from sandbox import order as module

    return module.place(_shop(), console, preflight.flow(os.environ))


@_command("trace")
def trace() -> int:
    """The whole journey of one order, out of the logs (ORDER=…)."""
    from sandbox.trace import command as module

    return module.run(_shop(), _required("ORDER", "make trace ORDER=<id>, as make order prints it"), console)


@_command("dashboard")
def dashboard() -> int:
    """Open the page with live sales; where there is no browser, print its address."""
    from sandbox import dashboard as module

    return module.show(_shop(), os.environ, console)


@_command("dlq")
def dlq() -> int:
    """What lies in the dead-letter queues, and why (QUEUE=… for one)."""
    from sandbox import dlq as module

    return module.run(_shop(), os.environ.get("QUEUE") or None, console)


@_command("redrive")
def redrive() -> int:
    """Send dead letters back to where they failed (QUEUE=…)."""
    from sandbox import redrive as module

    return module.run(_shop(), _required("QUEUE", "make redrive QUEUE=payments"), console)


@_command("replay")
def replay() -> int:
    """Send archived events to one consumer once more (SINCE=…, CONSUMER=…, UNTIL=…)."""
    from sandbox import replay as module

    return module.run(_shop(), os.environ, console)


@_command("iam-check")
def iam_check() -> int:
    """What was called, held against the roles (JSON=… for a file)."""
    from sandbox.iam import command as module

    return module.run(targets.from_environment(), os.environ, console)


@_command("reset")
def reset() -> int:
    """Empty all data and seed again."""
    if _own_stack() is not None:
        from sandbox.own_stack import status as of_own

        return of_own.reset(targets.from_environment(), console)
    from sandbox import reset as module

    return module.run(targets.from_environment(), console)


@_command("seed")
def seed() -> int:
    """More products and users (PRODUCTS=…, USERS=…), or those of an order log (FROM=…)."""
    from sandbox import seed as module

    return module.run(_shop(), os.environ, console)


@_command("load")
def load() -> int:
    """Run a load scenario and write its report."""
    from sandbox import load as module

    return module.run(os.environ, console)


@_command("load-ui")
def load_ui() -> int:
    """The same scenarios in Locust's web UI."""
    from sandbox import load as module

    return module.run_ui(os.environ, console)


@_command("load-matrix")
def load_matrix() -> int:
    """The same load on each cell of a grid of settings (FLOW=…, MEMORY=…, BATCH=…)."""
    from sandbox.matrix import command as module

    return module.run(os.environ, console)


@_command("load-history")
def load_history() -> int:
    """List all runs with their verdicts; write reports/index.html anew."""
    from sandbox import history as module

    return module.run(os.environ)


@_command("load-compare")
def load_compare() -> int:
    """What changed between the reports A=… and B=…, and whether it is more than chance (TOLERANCE=10%)."""
    from sandbox import compare as module

    return module.run(os.environ)


@_command("bench")
def bench() -> int:
    """This engine beside stock LocalStack and another emulator."""
    from sandbox import bench as module

    return module.run(os.environ)


@_command("compat")
def compat() -> int:
    """Which integration tests pass on which endpoint (docs/endpoints.md)."""
    from sandbox import compat as module

    return module.run(os.environ)


def _tests(name: str, help_text: str, *, slow: bool) -> None:
    """A command that runs one tier of the tests; its arguments go to pytest."""

    @commands.command(
        name=name, help=help_text, context_settings={"ignore_unknown_options": True, "help_option_names": []}
    )
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def test(arguments: tuple[str, ...]) -> int:
        from sandbox import checks

        return checks.test(arguments, slow=slow)


_tests("test", "The tests that everybody runs.", slow=False)
_tests("test-slow", "The slow tests: endurance, containers, browser.", slow=True)


@_command("openapi")
def openapi() -> int:
    """Write docs/openapi.yaml and the client made from it anew."""
    from sandbox import openapi as module

    return module.run()


@_command("template")
def template() -> int:
    """Write the stack as an AWS SAM template, template.yaml, and the archives that it names."""
    from sandbox import template as module

    return module.run(console)


@_command("aws-plan")
def aws_plan() -> int:
    """Prepare and check a deployment to an AWS account, up to a change set (CONFIRM=…); execute nothing."""
    from sandbox.aws_plan import command as module

    return module.run(os.environ, console)


@_command("lint")
def lint() -> int:
    """Linters, types and import rules."""
    from sandbox import checks

    return checks.lint(console)


@_command("schemas")
def schemas() -> int:
    """Write the schemas of the events anew."""
    from sandbox import checks

    return checks.schemas()


@_command("lock")
def lock() -> int:
    """Compile the locks anew."""
    from sandbox import locks

    return locks.compile_all(console)


def _own_stack() -> record.OwnStack | None:
    """What the sandbox runs in the place of the shop."""
    return None if os.environ.get("ENDPOINT") else record.read(RUN)


def _shop() -> targets.Target:
    """For a command of the shop's. Raises UsageError where the sandbox runs another stack."""
    record.require_shop(RUN, os.environ)
    return targets.from_environment()


def _required(name: str, example: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise UsageError(f"{name} is missing: {example}")
    return value


def run() -> None:
    sys.exit(main())
