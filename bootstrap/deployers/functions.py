"""Lambda functions: configuration and code, each updated only where it differs."""

from typing import Any

from bootstrap.context import Context, Outcome
from bootstrap.errors import DeployError
from bootstrap.package import Archive
from bootstrap.resources import Function


def ensure(context: Context, function: Function) -> Outcome:
    archive = context.artifacts.functions[function.name]
    found: Any = context.observed.functions().get(function.name)
    if found is None:
        _create(context, function, archive)
        return Outcome.CREATED
    changed = _ensure_configuration(context, function, found)
    changed |= _ensure_code(context, function, archive, found)
    return Outcome.UPDATED if changed else Outcome.UNCHANGED


def _create(context: Context, function: Function, archive: Archive) -> None:
    configuration = _configuration(context, function)
    if function.dead_letters is None:  # the empty one only takes away what is there
        del configuration["DeadLetterConfig"]
    context.clients.lambda_.create_function(
        **configuration,
        Architectures=[function.architecture],
        Code={"ZipFile": archive.read()},
    )
    _wait_until_ready(context, function)


def _ensure_configuration(context: Context, function: Function, found: dict[str, Any]) -> bool:
    """Configuration before code: new code may need a new variable or layer, old code does without."""
    wanted = _configuration(context, function)
    if all(_found(found, name) == value for name, value in wanted.items()):
        return False
    context.clients.lambda_.update_function_configuration(**wanted)
    _wait_until_ready(context, function)
    return True


def _ensure_code(context: Context, function: Function, archive: Archive, found: dict[str, Any]) -> bool:
    same_code = found["CodeSha256"] == archive.code_sha256()
    failed = "Failed" in (found.get("State"), found.get("LastUpdateStatus"))
    if same_code and not failed and found.get("Architectures") == [function.architecture]:
        return False
    context.clients.lambda_.update_function_code(
        FunctionName=function.name, ZipFile=archive.read(), Architectures=[function.architecture]
    )
    _wait_until_ready(context, function)
    return True


def _configuration(context: Context, function: Function) -> Any:
    return {
        "FunctionName": function.name,
        "Runtime": function.runtime,
        "Role": context.arn(function.role),
        "Handler": function.handler,
        "Timeout": function.timeout,
        "MemorySize": function.memory_size,
        "Environment": {"Variables": {name: context.resolve(value) for name, value in function.environment.items()}},
        "Layers": [context.ids[layer] for layer in function.layers],
        "DeadLetterConfig": {"TargetArn": context.arn(function.dead_letters) if function.dead_letters else ""},
    }


def _found(found: dict[str, Any], name: str) -> Any:
    """A field of the configuration in the form in which it is sent."""
    match name:
        case "Layers":
            return [layer["Arn"] for layer in found.get("Layers", ())]
        case "DeadLetterConfig":
            return {"TargetArn": (found.get(name) or {}).get("TargetArn", "")}
        case "Environment":
            return {"Variables": found.get("Environment", {}).get("Variables", {})}
        case _:
            return found.get(name)


def _wait_until_ready(context: Context, function: Function) -> None:
    """Return when the function is active and its last update is through.

    Raises:
        DeployError: Lambda gave up, with its own reason.
    """

    def ready() -> bool:
        found = context.clients.lambda_.get_function_configuration(FunctionName=function.name)
        if found.get("State") == "Failed" or found.get("LastUpdateStatus") == "Failed":
            reason = found.get("StateReason") or found.get("LastUpdateStatusReason") or "no reason given"
            raise DeployError(str(function.ref), "Failed", reason, "The engine's log has more: make logs.")
        return found.get("State") == "Active" and found.get("LastUpdateStatus", "Successful") == "Successful"

    context.wait_until(ready, f"function {function.name}", timeout_s=60)
