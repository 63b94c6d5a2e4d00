"""Payments: charges an order once and gives it back once, whatever comes twice."""
