"""Customers: registration, sign-in and profile."""
