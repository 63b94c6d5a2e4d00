"""The metrics in words, and numbers as people read them."""

METRICS = {
    "per_s": "requests a second",
    "accepted_per_s": "orders accepted a second",
    "finished_per_s": "orders finished a second",
    "p50_ms": "p50, ms",
    "p99_ms": "p99, ms",
    "max_ms": "longest, ms",
    "undone": "orders not done",
    "cpu_emulator_ms": "CPU, emulator, ms",
    "cpu_dynamodb_ms": "CPU, DynamoDB Local, ms",
    "cpu_functions_ms": "CPU, function processes, ms",
    "cpu_generator_ms": "CPU, generator, ms",
    "others_percent": "processors taken by anything else, %",
    "drained_s": "drained in, s",
    "messages_per_s": "messages a second",
    "first_ms": "first start of a version, ms",
    "alone_p50_ms": "start alone, p50, ms",
    "burst_p50_ms": "start among 50 at once, p50, ms",
    "burst_s": "all 50, s",
    "burst_started": "started of 50",
    "start_s": "start, s",
    "stop_s": "stop, s",
    "resident_mb": "resident, sum of all processes, MB",
    "proportional_mb": "resident, shared pages once, MB",
    "emulator_mb": "of it emulator, MB",
    "dynamodb_mb": "of it DynamoDB Local, MB",
    "functions_mb": "of it function processes, MB",
    "function_processes": "function processes",
}
# What has the bars at the head of a scenario.
HEADLINES = {
    "ping": ("per_s",),
    "orders": ("accepted_per_s", "finished_per_s"),
    "latency": ("p50_ms", "p99_ms"),
    "memory": ("proportional_mb",),
    "drain": ("messages_per_s",),
    "cold": ("alone_p50_ms", "burst_s"),
    "lifecycle": ("start_s", "stop_s", "resident_mb"),
}
CPU = {
    "cpu_emulator_ms": "emulator",
    "cpu_dynamodb_ms": "DynamoDB Local",
    "cpu_functions_ms": "function processes",
    "cpu_generator_ms": "generator",
}


def number(value: float | None) -> str:
    """Three digits, more where they are whole: `1,234`, `56.7`, `0.123`, `0`; a dash for nothing."""
    if value is None:
        return "-"
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
