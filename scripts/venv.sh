#!/bin/sh
# Install one requirements file into .venv, which is made when it is missing or broken.
#   sh scripts/venv.sh requirements/demo.txt        (PYTHON=… names the interpreter to use)
set -eu

requirements=$1

# Does it run, and is it a version that pyproject.toml allows?
fits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        fits "$PYTHON" && echo "$PYTHON" && return
        echo "PYTHON=$PYTHON is not a Python 3.11, 3.12 or 3.13 that runs." >&2
        exit 1
    fi
    for python in python3 python3.13 python3.12 python3.11; do
        fits "$python" && echo "$python" && return
    done
    echo "This needs Python 3.11, 3.12 or 3.13, and none is on the PATH." >&2
    echo "Install one, or name it: make PYTHON=/path/to/python3.12 …" >&2
    exit 1
}

# Debian and Ubuntu ship Python without what `python -m venv` needs.
need_venv() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null && return
    package=$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing $package"
        export DEBIAN_FRONTEND=noninteractive
        apt-get install -qq --yes "$package" >/dev/null 2>&1 ||
            { apt-get update -qq && apt-get install -qq --yes "$package" >/dev/null; }
    else
        echo "$1 lacks the venv module. On Debian and Ubuntu: sudo apt-get install $package" >&2
        exit 1
    fi
}

if ! { fits .venv/bin/python && .venv/bin/python -m pip --version; } >/dev/null 2>&1; then
    python=$(find_python)
    need_venv "$python"
    "$python" -m venv --clear .venv
fi

echo "Installing $requirements into .venv (once, about half a minute)"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes \
    --requirement "$requirements"
