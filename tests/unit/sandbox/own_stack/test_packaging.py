"""Local code: served from its folder where the engine sees it, sent as a zip where it does not."""

import io
import zipfile
from pathlib import Path

import pytest

from bootstrap.template import artifacts
from sandbox.own_stack.errors import TemplateError
from sandbox.own_stack.packaging import prepare, without_bootstrap
from sandbox.own_stack.reading import Template

FUNCTION = "AWS::Serverless::Function"


class Libraries:
    """In the place of the installed requirements: one folder for every code that has a requirements.txt."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, code: Path) -> Path | None:
        return self._folder if (code / "requirements.txt").exists() else None


@pytest.fixture
def libraries(tmp_path: Path) -> Libraries:
    folder = tmp_path / "abc123"
    (folder / "python").mkdir(parents=True)
    (folder / "python" / "helper.py").write_text("HELP = 1\n")
    return Libraries(folder)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "stack"
    for name in ("plain", "wanting", "layer", "node"):
        (folder / name).mkdir(parents=True)
        (folder / name / "app.py").write_text("def handler(event, context): ...\n")
    (folder / "wanting" / "requirements.txt").write_text("helper\n")
    (folder / "flow.json").write_text("{}")
    return folder


def template_of(**resources: dict[str, object]) -> Template:
    return {"Globals": {"Function": {"Runtime": "python3.13"}}, "Resources": resources}


def test_folders_of_python_are_served_from_where_they_are(base: Path, libraries: Libraries) -> None:
    template = template_of(
        Sam={"Type": FUNCTION, "Properties": {"CodeUri": "plain"}},
        Raw={"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "python3.13", "Code": "plain"}},
        Layer={"Type": "AWS::Lambda::LayerVersion", "Properties": {"Content": "layer"}},
        Node={"Type": FUNCTION, "Properties": {"Runtime": "nodejs22.x", "CodeUri": "node"}},
        Flow={"Type": "AWS::Serverless::StateMachine", "Properties": {"DefinitionUri": "flow.json"}},
    )
    packaged = prepare(template, artifacts.find(template, base), libraries, served=True)
    resources = packaged.template["Resources"]
    plain = str((base / "plain").resolve())
    assert resources["Sam"]["Properties"]["CodeUri"] == {"Bucket": "hot-reload", "Key": plain}
    assert resources["Raw"]["Properties"]["Code"] == {"S3Bucket": "hot-reload", "S3Key": plain}
    assert resources["Layer"]["Properties"]["Content"]["S3Bucket"] == "hot-reload"
    assert [each.label for each in packaged.uploads] == ["Node.CodeUri", "Flow.DefinitionUri"]
    assert template["Resources"]["Sam"]["Properties"]["CodeUri"] == "plain", "the user's own is left alone"


def test_requirements_become_a_layer_beside_a_served_folder(base: Path, libraries: Libraries) -> None:
    template = template_of(
        One={"Type": FUNCTION, "Properties": {"CodeUri": "wanting", "Layers": [{"Ref": "Own"}]}},
        Two={"Type": FUNCTION, "Properties": {"CodeUri": "wanting"}},
    )
    packaged = prepare(template, artifacts.find(template, base), libraries, served=True)
    resources = packaged.template["Resources"]
    name = "LoadstackLibrariesabc123"
    assert resources["One"]["Properties"]["Layers"] == [{"Ref": "Own"}, {"Ref": name}]
    assert resources["Two"]["Properties"]["Layers"] == [{"Ref": name}]
    assert resources[name]["Properties"]["Content"] == {
        "S3Bucket": "hot-reload",
        "S3Key": str(libraries.of(base / "wanting")),
    }


def test_functions_that_share_properties_get_the_libraries_once(base: Path, libraries: Libraries) -> None:
    layers = [{"Ref": "Own"}]
    shared = {"CodeUri": "wanting", "Layers": layers}
    template = template_of(
        One={"Type": FUNCTION, "Properties": shared},
        Same={"Type": FUNCTION, "Properties": shared},
        Two={"Type": FUNCTION, "Properties": {"CodeUri": "wanting", "Layers": layers}},
        Plain={"Type": FUNCTION, "Properties": {"CodeUri": "plain", "Layers": layers}},
    )
    resources = prepare(template, artifacts.find(template, base), libraries, served=True).template["Resources"]
    for name in ("One", "Same", "Two"):
        assert resources[name]["Properties"]["Layers"] == [{"Ref": "Own"}, {"Ref": "LoadstackLibrariesabc123"}]
    assert resources["Plain"]["Properties"]["Layers"] == [{"Ref": "Own"}]


def test_requirements_lie_beside_the_code_of_a_zip(base: Path, libraries: Libraries) -> None:
    (base / "wanting" / "linked").symlink_to(base / "layer")
    (base / "wanting" / ".git").mkdir()
    (base / "wanting" / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    template = template_of(One={"Type": FUNCTION, "Properties": {"CodeUri": "wanting"}})
    packaged = prepare(template, artifacts.find(template, base), libraries, served=False)
    assert packaged.hot == ()
    [artifact] = packaged.uploads
    with zipfile.ZipFile(io.BytesIO(packaged.pack(artifact))) as archive:
        assert sorted(archive.namelist()) == ["app.py", "helper.py", "linked/app.py", "requirements.txt"]


def test_a_function_without_room_for_a_layer_is_told(base: Path, libraries: Libraries) -> None:
    layers = [{"Ref": f"L{index}"} for index in range(5)]
    template = template_of(One={"Type": FUNCTION, "Properties": {"CodeUri": "wanting", "Layers": layers}})
    with pytest.raises(TemplateError, match=r"One\.CodeUri: its requirements\.txt becomes a layer"):
        prepare(template, artifacts.find(template, base), libraries, served=True)


def test_a_handler_may_be_of_what_requirements_ask_for(base: Path, libraries: Libraries) -> None:
    properties = {"CodeUri": "wanting", "Handler": "helper.handler"}
    template = template_of(One={"Type": FUNCTION, "Properties": properties})
    assert prepare(template, artifacts.find(template, base), libraries, served=True).hot
    properties["CodeUri"] = "plain"
    with pytest.raises(TemplateError, match=r"One\.Handler: helper\.handler: there is no helper\.py in /.*/plain\.$"):
        prepare(template, artifacts.find(template, base), libraries, served=True)


def test_a_cdk_stack_needs_no_bootstrap() -> None:
    template = {
        "Parameters": {"BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>"}, "Own": {"Type": "String"}},
        "Rules": {"CheckBootstrapVersion": {}},
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
    }
    assert without_bootstrap(template) == {
        "Parameters": {"Own": {"Type": "String"}},
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
    }
    assert without_bootstrap({"Resources": {}}) == {"Resources": {}}
