"""Compares the reports of runs before a change, A, with those of runs after it, B: what changed, and what is chance.

reports/x, reports/y  → `reports`, `alike`     read, whole, and of the same load; else exit code 2
orders.csv, …         → `samples`              latencies and events by when they were due; single figures
samples               → `bootstrap`, `change`  by how much a figure changed, with its interval
changes               → `figures`, `verdicts`  better, worse, the same, not enough data; one verdict for all
a comparison          → `page`, `text`         reports/<time>-compare/
"""
