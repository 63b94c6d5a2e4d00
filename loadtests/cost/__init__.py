"""What AWS would bill for a load: prices with their dates, what the engine counted, and the sizes of functions."""
