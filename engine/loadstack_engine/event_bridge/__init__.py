"""EventBridge: delivery within the process, retry policies, archives, scheduled rules; each a part of its own."""
