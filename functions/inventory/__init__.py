"""Inventory: holds the stock of an order, all of its lines or none."""
