"""Which integration tests pass on which endpoint: ``make compat``.

Each contender of the benchmarks is started alone, and ``tests/integration`` runs on it as ``make test ENDPOINT=…`` runs
it. The outcomes are kept line by line, so that a run that was cut goes on where it ended; the table is in
``docs/endpoints.md``.
"""
