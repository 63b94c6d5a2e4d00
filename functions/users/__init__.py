"""Customers: registration and sign-in."""
