#!/bin/sh
# Runs the tests with exactly the lower bounds of pyproject.toml, on the oldest Python >= 3.10
# that is installed: what the bounds promise is what was tested.
#
#   scripts/test-minimum.sh [pytest arguments]
#
# Environment: PYTHON, to choose another Python.

set -eu
cd "$(dirname "$0")/.."

venv=.venv-minimum
constraints=$venv.txt

main() {
    lower_bounds >"$constraints.new"
    # The set-up looks at the file's content, so an unchanged one costs nothing.
    mv "$constraints.new" "$constraints"
    PYTHON=${PYTHON:-$(oldest_python)} VENV=$venv CONSTRAINTS=$constraints scripts/setup.sh test
    echo "with $("$venv/bin/python" --version) and: $(xargs <"$constraints")"
    # Once for real: what is read over netlink depends on the version of pyroute2.
    "$venv/bin/advisor" check -f json >/dev/null || [ $? -eq 1 ]
    # The wheel brings its own environment, with the newest dependencies.
    "$venv/bin/python" -m pytest tests --ignore tests/fleet --ignore tests/cli/test_wheel.py \
        --numprocesses 2 --dist worksteal "$@"
}

# "name>=1.2,<2", in the block `dependencies = [...]`, becomes name==1.2
lower_bounds() {
    sed -n '/^dependencies = \[/,/^\]/s/^ *"\([^>]*\)>=\([^",]*\).*/\1==\2/p' pyproject.toml
}

# Looks among pyenv's versions too, since those are not on the PATH unless selected.
oldest_python() {
    for name in python3.10 python3.11 python3.12 python3.13 python3.14 python3; do
        for candidate in "$name" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/*/bin/"$name"; do
            # Running it is the only sure test: see inspect_python in setup.sh.
            if "$candidate" -c \
                'import sys, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null
            then
                command -v "$candidate"
                return
            fi
        done
    done
    echo python3
}

main "$@"
