"""Lambda layers. A version cannot be changed, so a new one is published when the content is another.

What a version was made of is in its description, `sha256:<digest of the content>`: AWS does not list a
layer's code hash.
"""

from bootstrap.context import Context, Outcome
from bootstrap.errors import DeployError
from bootstrap.references import Ref
from bootstrap.resources import Layer


def ensure(context: Context, layer: Layer) -> Outcome:
    archive = context.artifacts.layers[layer.name]
    mark = f"sha256:{archive.digest}"
    latest = context.observed.layers().get(layer.name)
    if latest and latest.get("Description") == mark:
        context.ids[layer.ref] = latest["LayerVersionArn"]
        return Outcome.UNCHANGED
    answer = context.clients.lambda_.publish_layer_version(
        LayerName=layer.name,
        Description=mark,
        Content={"ZipFile": archive.read()},
        CompatibleRuntimes=layer.compatible_runtimes,  # type: ignore[arg-type]
    )
    context.ids[layer.ref] = answer["LayerVersionArn"]
    return Outcome.UPDATED if latest else Outcome.CREATED


def latest_version(context: Context, layer: Ref) -> str:
    """The ARN of the newest version that is there: for a deployment that leaves layers alone.

    Raises:
        DeployError: the layer has no version yet.
    """
    found = context.observed.layers().get(layer.name)
    if found is None:
        raise DeployError(str(layer), "ResourceNotFound", "the layer is not deployed", "Run make up first.")
    return found["LayerVersionArn"]
