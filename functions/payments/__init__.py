"""Payments: charges an order once, whatever comes twice."""
