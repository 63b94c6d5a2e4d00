"""EventBridge Scheduler: its schedules, which stock LocalStack 4.14.0 stores and never fires."""
