"""Load-tests an event-driven shop from outside: real arrival rates, per-hop asynchronous latency, lost and
duplicated orders counted, and a verdict on service level objectives with an exit code.

It knows the stack as any client does: HTTP to the Shop API, a queue of its own on the SNS topic
`order-events`, queue depths through SQS, and the engine's route `/_loadstack/functions`, where there is one.
Nothing here imports the functions, the bootstrap, the engine or the sandbox.

    python -m loadtests --scenario order --rate 5 --duration 60

Importing the package is cheap and patches nothing. `locust` (which patches the standard library for gevent)
is imported first thing by the modules that run a load: `run`, `worker` and `locustfile`.
"""
