"""Compares the runs of `make load-matrix`: one scenario on several settings of the stack."""
