"""Inventory: holds the stock of an order, all of its lines or none, until it is sold or given back."""
