"""Finds the highest rate that keeps the SLO: `bracket` says which rate is next, `steps` gives each a run of its own."""
