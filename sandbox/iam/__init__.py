"""Least privilege, tried without an account: calls held against the roles that are deployed. See ``command``."""
