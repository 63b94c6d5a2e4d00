"""Memory after the loads of the round, when all is warm."""

from benchmarks import usage
from benchmarks.scenarios.base import Cell, Measured, Scenario, Subject, Values

_MB = 1024 * 1024


def measure(subject: Subject) -> Measured:
    return Measured(values(usage.memory(subject.instance.mark, subject.instance.kind)))


def values(memory: usage.Memory) -> Values:
    """Megabytes in all, and by kind with shared pages counted once; and how many function processes there are."""
    return {
        "resident_mb": memory.resident.total() / _MB,
        "proportional_mb": memory.proportional.total() / _MB,
        **{f"{kind}_mb": memory.proportional[kind] / _MB for kind in usage.KINDS},
        "function_processes": memory.processes["functions"],
    }


SCENARIO = Scenario("memory", "Memory, loaded", (Cell("memory", measure),))
