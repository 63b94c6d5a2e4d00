"""A generator process of its own: `python -m loadtests.worker --master HOST:PORT`.

It joins the master, gets its job by message, and runs until the master says quit. `fleet` starts those of its
own machine so, with `--until-input-ends`: a worker then never outlives the process that started it, however
that one dies.
"""

from locust.env import Environment  # isort: skip  (first: it patches the standard library for gevent)

import argparse
import logging
import sys
from typing import Any

import click
import gevent
from gevent.socket import wait_read
from locust.runners import Runner

from loadtests import messages, scenarios
from loadtests.clock import estimate
from loadtests.errors import LoadtestError, UsageError
from loadtests.exit_codes import OK, USAGE_OR_SETUP
from loadtests.generator import Generator, shopper
from loadtests.job import Job
from loadtests.master import read
from loadtests.scenarios.base import Http
from loadtests.stack import connect


class _Worker:
    """Waits for its job, and is the generator from then on."""

    def __init__(self) -> None:
        self.environment = Environment(user_classes=[shopper(self._run)])
        # Without options of its own, Locust would read ~/.locust.conf here.
        self.environment.parsed_options = argparse.Namespace(web_base_path="", headless=True)
        self._generator: Generator | None = None

    def join(self, host: str, port: int) -> Runner:
        """Connect to the master. Raises ConnectionError when it does not answer."""
        runner = self.environment.create_worker_runner(host, port)
        runner.register_message(messages.JOB, self._on_job)
        runner.send_message(messages.HERE)
        return runner

    def close(self) -> None:
        if self._generator is not None:
            self._generator.close()

    def _on_job(self, msg: Any, environment: Environment, **_: Any) -> None:
        runner = environment.runner
        if runner is None or self._generator is not None:
            return
        try:
            job = Job.from_message(msg.data)
            stack = connect(job.plan.address)
            scenario, offset = scenarios.of(job.plan, job.shop), estimate(stack, job.queue_url)
            self._generator = Generator(job, scenario, stack, offset)
        except (TypeError, KeyError) as error:
            runner.send_message(messages.FAILED, {"error": f"a worker has another version of loadtests: {error}"})
            return
        except LoadtestError as error:
            runner.send_message(messages.FAILED, {"error": str(error)})
            return
        environment.host = job.plan.api
        self._generator.attach(runner)
        runner.send_message(messages.JOINED)

    def _run(self, http: Http) -> None:
        if self._generator is not None:
            self._generator.run(http)


@click.command()
@click.option("--master", required=True, help="Where the main process listens: HOST:PORT.")
@click.option("--until-input-ends", is_flag=True, help="End with the process that started this one.")
def main(master: str, until_input_ends: bool) -> int:
    """Generate load for a main process that was started with WORKERS and MASTER. Waits for it some minutes."""
    logging.basicConfig(level=logging.WARNING, format="worker: %(message)s")
    worker = _Worker()
    try:
        meeting = read(master)
        if not until_input_ends:
            click.echo(f"waiting for the main process at {master}", err=True)
        runner = worker.join(*meeting)
    except UsageError as error:
        click.echo(f"error: {error}", err=True)
        return USAGE_OR_SETUP
    except ConnectionError:
        click.echo(f"error: nobody answers at {master}: make load MASTER={master} is to listen there", err=True)
        return USAGE_OR_SETUP
    ends = [gevent.spawn(runner.greenlet.join)]
    if until_input_ends:
        ends.append(gevent.spawn(_wait_for_end_of_input))
    try:
        gevent.wait(ends, count=1)
    finally:
        worker.close()
    return OK


def _wait_for_end_of_input() -> None:
    wait_read(sys.stdin.fileno())


if __name__ == "__main__":
    sys.exit(main(standalone_mode=False))
