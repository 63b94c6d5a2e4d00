"""Which containers and networks are this checkout's, and what is said where a docker command fails."""

from pathlib import Path

import pytest

from sandbox.docker import Docker, Project
from sandbox.errors import SetupError, UsageError
from tests.unit.sandbox.conftest import Install, container_line

GONE = "echo 'Cannot connect to the Docker daemon at unix:///docker.sock' >&2; exit 1"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    return folder


@pytest.fixture
def removing(install: Install, tmp_path: Path, root: Path) -> Project:
    """A project of two checkouts; the network ``used`` has a container of the other one, ``free`` has none."""
    ours = container_line("ours", root, 4566)
    theirs = container_line("theirs", tmp_path / "elsewhere" / "shop", None)
    log = f'echo "$@" >>{tmp_path}/asked'
    on_network = 'case "$*" in *network=used*) echo theirs ;; *network=free*) ;; *) ' + f"{ours}; {theirs} ;; esac"
    networks = f'case "$2" in ls) echo used; echo free ;; *) {log} ;; esac'
    return Project("shop", root, Docker(install(ps=on_network, network=networks, stop=log, rm=log)))


def test_remove_leaves_what_another_folder_of_the_same_project_started(removing: Project, tmp_path: Path) -> None:
    assert removing.remove(3) is True

    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked == ["stop -t 3 ours", "rm --force --volumes ours", "network rm free"]


def test_remove_of_nothing_stops_nothing(install: Install, tmp_path: Path, root: Path) -> None:
    theirs = container_line("theirs", tmp_path / "elsewhere" / "shop", 4566)
    refused = "echo touched >&2; exit 1"

    assert Project("shop", root, Docker(install(ps=theirs, stop=refused, rm=refused))).remove(3) is False


def test_container_of_a_checkout_that_a_symlink_leads_to_is_its_own(
    install: Install, tmp_path: Path, root: Path
) -> None:
    link = tmp_path / "link"
    link.symlink_to(root)

    for folder, started_in in ((root, link), (link, root)):
        found = Project("shop", folder, Docker(install(ps=container_line("ours", started_in, 4811)))).container()
        assert found is not None
        assert found.port == 4811


def test_container_of_this_checkout_comes_before_another_ones(install: Install, tmp_path: Path, root: Path) -> None:
    theirs = container_line("theirs", tmp_path / "elsewhere" / "shop", 4811)
    project = Project("shop", root, Docker(install(ps=f"{theirs}; {container_line('ours', root, 4812)}")))

    found = project.container()

    assert found is not None
    assert found.id == "ours"


def test_container_of_another_checkout_alone_is_refused(install: Install, tmp_path: Path, root: Path) -> None:
    theirs = container_line("theirs", tmp_path / "elsewhere" / "shop", 4811)

    with pytest.raises(UsageError, match=r"belongs to .*/elsewhere/shop: "):
        Project("shop", root, Docker(install(ps=theirs))).container()


def test_command_that_fails_is_named_with_its_words(install: Install) -> None:
    docker = Docker(install(network="echo 'network shop_default has active endpoints' >&2; exit 1"))

    with pytest.raises(SetupError, match=r"^docker network rm failed: network shop_default has active endpoints; "):
        docker.run(["network", "rm", "0123456789ab"])


def test_request_that_failed_is_not_spelled_out(install: Install) -> None:
    said = 'error during connect: Get "http://h:2375/containers/json?filters=%7B%22label": dial tcp: no such host'
    docker = Docker(install(ps=f"echo '{said}' >&2; exit 1"))

    with pytest.raises(SetupError, match=r"^docker ps failed: error during connect: dial tcp: no such host; "):
        docker.run(["ps"])


def test_engine_that_is_not_there_is_told_as_such(install: Install) -> None:
    with pytest.raises(SetupError, match=r"^Docker does not answer \(Cannot connect to the Docker daemon .*\); "):
        Docker(install(version=GONE)).require()
