"""The cart: what a customer means to buy, until checkout makes an order of it."""
