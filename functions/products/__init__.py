"""The catalogue: what can be bought, for how much, and how much of it is left."""
