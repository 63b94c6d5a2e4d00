"""This engine beside stock LocalStack, another emulator and the bare machine, interleaved in one run.

A *contender* is what is measured (:mod:`benchmarks.contenders`), a *scenario* is what it is put to
(:mod:`benchmarks.scenarios`); a scenario has one *cell* or more, e.g. one for each number of connections. A run goes
through the cells round by round, and through the contenders within each cell: A B C D, A B C D, … All contenders live
as long as the run, so that all are warm, and the others idle while one is measured. See docs/benchmarks.md.
"""
