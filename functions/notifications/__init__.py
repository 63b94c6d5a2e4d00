"""Notifications: one mail to the customer when an order is decided, or a cart is left."""
