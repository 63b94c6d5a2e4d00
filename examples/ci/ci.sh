#!/bin/sh
# Tests and load-tests a project on Loadstack, on any CI that has a shell: no Docker, no token, no account.
# Copy it into your project and run it there: `./ci.sh tests`, `./ci.sh load`, or without a word both. It needs Python
# 3.13 (your own tests may run on another one, as python3), Node.js with npm, and git. Keep the folder
# loadstack/.loadstack between runs, by the version that is pinned below, and no run installs what an earlier one did;
# keep reports/, also after a failure.
# Exit code: 0, or that of the first command that failed. `load`: 1 an SLO does not hold, 2 it could not be measured. 2 too
# where a setting is wrong, or Loadstack cannot be fetched.
set -eu

# Your repository of Loadstack, and the version to test with: a full commit hash or a tag of yours is always the same
# software, since what it installs is locked.
export LOADSTACK_REPOSITORY="${LOADSTACK_REPOSITORY:-}"
export LOADSTACK_REF="${LOADSTACK_REF:-main}"
export ENGINE=host

fetch() {
    git init --quiet loadstack
    git -C loadstack fetch --quiet --depth=1 "$LOADSTACK_REPOSITORY" "$LOADSTACK_REF"
    git -C loadstack checkout --quiet FETCH_HEAD
}

# After a fetch that failed: what earlier runs have installed in loadstack/.loadstack stays.
unfetched() {
    code=$?
    case $code in
        130 | 143) ;;
        *)
            code=2
            echo "error: Loadstack was not fetched: see that LOADSTACK_REPOSITORY=$LOADSTACK_REPOSITORY can be read, and" \
                "that LOADSTACK_REF=$LOADSTACK_REF is a branch, a tag or a full commit hash there." >&2
            ;;
    esac
    if [ -n "$new" ]; then
        rm -rf loadstack/.git
        rmdir loadstack 2>/dev/null || true
    fi
    exit "$code"
}

install() {
    loadstack/sandbox/run install
}

# Your own tests; the pytest plugin starts a sandbox for them and ends it.
tests() {
    python3 -m venv .venv
    .venv/bin/python -m pip install --quiet --requirement requirements.txt ./loadstack/pytest_loadstack
    .venv/bin/python -m pytest --ignore=loadstack --junitxml=reports/tests.xml
}

# The gate: fails where an SLO does not hold. SCENARIO, RATE, DURATION and SLO (docs/load-testing.md) are read from the
# environment.
load() {
    REPORTS="$PWD/reports/load" loadstack/sandbox/run load
}

down() {
    loadstack/sandbox/run down
}

for job; do
    case $job in
        tests | load) ;;
        *) echo "error: $job is no job: give tests, load, or nothing for both." >&2 && exit 2 ;;
    esac
done
if [ -z "$LOADSTACK_REPOSITORY" ]; then
    echo "error: set LOADSTACK_REPOSITORY to your repository of Loadstack, e.g. https://git.example.com/you/loadstack.git" >&2
    exit 2
fi
new=yes
[ ! -e loadstack/.git ] || new=
trap 'exit 130' INT
trap 'exit 143' TERM
trap unfetched EXIT
fetch
trap 'down || true' EXIT
install
[ $# -gt 0 ] || set -- tests load
for job; do
    case $job in
        tests) tests ;;
        load) load ;;
    esac
done
