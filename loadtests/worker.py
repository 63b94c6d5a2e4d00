"""A generator process of its own, started by `fleet`: `python -m loadtests.worker`.

It reads one line of JSON from standard input and runs until its master says quit, or until that input ends: a
worker never outlives the process that started it, however that one dies.
"""

from locust.env import Environment  # isort: skip  (first: it patches the standard library for gevent)

import argparse
import json
import logging
import sys

import gevent
from gevent.socket import wait_read

from loadtests import scenarios
from loadtests.exit_codes import OK, USAGE_OR_SETUP
from loadtests.generator import Generator, shopper
from loadtests.plan import Plan


def main() -> int:
    """Join the master and generate load. Returns 0 after its quit, 2 when it cannot be reached."""
    logging.basicConfig(level=logging.WARNING, format="worker: %(message)s")
    job = json.loads(sys.stdin.readline())
    plan = Plan(**job["plan"])
    generator = Generator(plan, scenarios.load(plan.scenario), job["shop"], job["prefix"])
    environment = Environment(user_classes=[shopper(generator.run)], host=plan.api)
    # Without options of its own, Locust would read ~/.locust.conf here.
    environment.parsed_options = argparse.Namespace(web_base_path="", headless=True)
    try:
        runner = environment.create_worker_runner("127.0.0.1", int(job["port"]))
    except ConnectionError:
        return USAGE_OR_SETUP
    generator.attach(runner)
    orphaned = gevent.spawn(_wait_for_end_of_input)
    gevent.wait([gevent.spawn(runner.greenlet.join), orphaned], count=1)
    return OK


def _wait_for_end_of_input() -> None:
    wait_read(sys.stdin.fileno())


if __name__ == "__main__":
    sys.exit(main())
