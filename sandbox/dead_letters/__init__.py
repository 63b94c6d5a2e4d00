"""What lies in the stack's dead-letter queues, why, and how it goes back to where it failed."""
