"""Orders: intake, their state, and telling the world how far they have come."""
