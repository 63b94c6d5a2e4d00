"""The figures of `summary.json`, a module for each group: a function of a `Result`, of nothing else.

What cannot be had is None, never 0. `summary.build` puts them together.
"""
