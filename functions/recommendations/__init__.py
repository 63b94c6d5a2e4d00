"""Recommendations: what is bought together."""
