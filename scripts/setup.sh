#!/bin/sh
# Creates the virtual environment that the Makefile works in, and installs what is missing for it.
#
#   scripts/setup.sh [run|test]
#
# run   (default) advisor and what it needs: .venv/bin/advisor works afterwards
# test  also the tools of `make test`: Python packages, iproute2, ethtool, nftables, procps, an SSH
#       client, and in .venv/sshd an SSH server for the hosts of tests/fleet
#
# Debian packages are installed through apt, if that is possible (root, or sudo without a password).
# Where it is not, the message names the packages and the exit code is 2.
# A second run notices that nothing changed and returns at once.
#
# Environment:
#   PYTHON       the Python to use; otherwise python3, or the newest python3.x >= 3.10 that works
#   VENV         where the environment goes (default .venv, relative to the checkout)
#   CONSTRAINTS  a pip constraints file, relative to the checkout
#   NO_APT=1     install no Debian packages, only name them

set -eu
cd "$(dirname "$0")/.."

venv=${VENV:-.venv}
level=${1:-run}
case $level in
    run) requirement='.' what='advisor' ;;
    test) requirement='.[dev]' what='advisor and the test tools' ;;
    *) echo "usage: scripts/setup.sh [run|test]" >&2; exit 2 ;;
esac

main() {
    # The tools of `test` include everything of `run`.
    if is_fresh test || is_fresh "$level"; then
        return
    fi
    find_python || die_without_python
    install_build_packages
    create_venv
    say "installing $what with pip"
    pip_install --editable "$requirement" ||
        die "pip could not install advisor (see above)" \
            "it needs a package index: PyPI, or a mirror set with PIP_INDEX_URL"
    if [ "$level" = test ]; then
        install_test_packages
    fi
    # So that the first run is not the slow one, even where Python is told to write no byte code.
    "$venv/bin/python" -m compileall -q advisor
    "$venv/bin/python" -m advisor.knowledge
    fingerprint "$level" >"$venv/.setup-$level"
    say "done: $venv/bin/advisor"
}

# --- what was done before --------------------------------------------------------------------

# Everything that, when it changes, makes the environment stale.
fingerprint() {
    echo "$1 python=${PYTHON:-auto} path=$(pwd)/$venv"
    cat pyproject.toml scripts/setup.sh ${CONSTRAINTS:+"$CONSTRAINTS"} | cksum
}

is_fresh() {
    [ -f "$venv/.setup-$1" ] && [ "$(fingerprint "$1")" = "$(cat "$venv/.setup-$1")" ] || return 1
    # The system's Python may have been upgraded or removed underneath the environment.
    "$venv/bin/python" -I -c 'import advisor' 2>/dev/null
}

# --- Python -----------------------------------------------------------------------------------

# Sets python (a path), lacks ("", or some of "venv headers") and compiler.
find_python() {
    if [ -n "${PYTHON:-}" ]; then
        inspect_python "$PYTHON" && ! is_beyond_repair
        return
    fi
    # First one that lacks nothing, then one of the distribution's that apt can complete.
    for wanted in complete repairable; do
        for name in python3 python3.14 python3.13 python3.12 python3.11 python3.10; do
            inspect_python "$name" || continue
            [ -z "$lacks" ] && return
            [ $wanted = repairable ] && ! is_beyond_repair && return
        done
    done
    return 1
}

inspect_python() {
    # Running it is the only sure test: a pyenv shim exists also for versions that are not selected.
    answer=$("$1" -c '
import os, sys
if sys.version_info < (3, 10):
    sys.exit(1)
from importlib.util import find_spec
from sysconfig import get_config_var, get_paths
lacks = []
if not (find_spec("venv") and find_spec("ensurepip")):
    lacks.append("venv")
if not os.path.exists(os.path.join(get_paths()["include"], "Python.h")):
    lacks.append("headers")
print("{}|{}|{}|{}".format(
    sys.executable, "%d.%d" % sys.version_info[:2],
    " ".join(lacks), (get_config_var("CC") or "cc").split()[0]))
' 2>/dev/null) || return 1
    IFS='|' read -r python python_version lacks compiler <<EOF
$answer
EOF
}

# A Python without venv that apt did not install cannot be completed by apt.
is_beyond_repair() {
    case $lacks in
        *venv*) [ "$(dirname "$python")" != /usr/bin ] ;;
        *) return 1 ;;
    esac
}

die_without_python() {
    if [ -n "${PYTHON:-}" ]; then
        die "PYTHON=$PYTHON is not a Python >= 3.10 with the venv and ensurepip modules"
    fi
    if can_apt && ! [ -x /usr/bin/python3 ]; then
        apt_install python3 python3-venv python3-dev && find_python && return
    fi
    compiler=cc
    missing="python3 python3-venv python3-dev $(missing_tools | xargs)"
    die "no Python >= 3.10 with the venv and ensurepip modules was found" \
        "Debian 12 or newer, as root:  apt-get install -y --no-install-recommends $missing" \
        "elsewhere: install one and name it:  PYTHON=/path/to/python3 make setup"
}

create_venv() {
    if "$venv/bin/python" -c '' 2>/dev/null &&
        [ "$(cat "$venv/.setup-python" 2>/dev/null)" = "$python $python_version $(pwd)" ]; then
        return
    fi
    say "creating $venv with Python $python_version ($python)"
    "$python" -m venv --clear "$venv"
    echo "$python $python_version $(pwd)" >"$venv/.setup-python"
}

# --use-pep517: Debian 12's pip would build ethtool in a way that it neither caches nor likes.
pip_install() {
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
        --use-pep517 ${CONSTRAINTS:+--constraint "$CONSTRAINTS"} "$@" </dev/null
}

# --- Debian packages --------------------------------------------------------------------------

# The `ethtool` distribution is source only: a C extension over libnl.
install_build_packages() {
    missing=$(missing_packages)
    [ -n "$missing" ] || return 0
    # shellcheck disable=SC2086  # a list of words
    if can_apt && apt_install $missing && find_python && [ -z "$(missing_packages)" ]; then
        return
    fi
    case $lacks in
        *venv*) ;;
        *) # A mirror or PIP_FIND_LINKS may offer ethtool ready built; then nothing is missing.
            create_venv
            if pip_install --only-binary ethtool ethtool >/dev/null 2>&1; then
                return
            fi ;;
    esac
    die "these Debian packages are missing: $missing" \
        "advisor needs the Python package 'ethtool', which pip builds with a C compiler over libnl" \
        "as root:  apt-get install -y --no-install-recommends $missing" \
        "Fedora, RHEL:  dnf install gcc pkgconf-pkg-config python3-devel libnl3-devel" \
        "then run the same command again"
}

missing_packages() {
    suffix=
    # The distribution's default Python has packages without a number, its others with one.
    if [ "$python_version" != "$(/usr/bin/python3 -c \
        'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" ]; then
        suffix=${python_version#3}
    fi
    {
        case $lacks in *venv*) echo "python3$suffix-venv" ;; esac
        case $lacks in *headers*) echo "python3$suffix-dev" ;; esac
        missing_tools
    } | xargs
}

missing_tools() {
    echo '#include <stdio.h>' | "${CC:-$compiler}" -E - >/dev/null 2>&1 || echo "gcc libc6-dev"
    command -v pkg-config >/dev/null || echo pkg-config
    pkg-config --exists libnl-3.0 2>/dev/null || echo libnl-3-dev
    pkg-config --exists libnl-route-3.0 2>/dev/null || echo libnl-route-3-dev
}

# Tests that compare advisor with the ordinary tools skip where a tool is absent.
install_test_packages() {
    missing=
    for pair in ip:iproute2 ethtool:ethtool nft:nftables sysctl:procps ssh:openssh-client \
        xmllint:libxml2-utils; do
        PATH=$PATH:/usr/sbin:/sbin command -v "${pair%%:*}" >/dev/null ||
            missing="$missing ${pair#*:}"
    done
    # shellcheck disable=SC2086  # a list of words
    if [ -n "$missing" ] && { ! can_apt || ! apt_install $missing; }; then
        say "some tests will skip: not installed:$missing"
    fi
    unpack_sshd || say "some tests will skip: no sshd"
}

# Unpacked beside the other tools, not installed: that would start a service on this machine.
unpack_sshd() {
    if PATH=$PATH:/usr/sbin command -v sshd >/dev/null || [ -x "$venv/sshd/usr/sbin/sshd" ]; then
        return
    fi
    can_apt || return 1
    unpacked=$(mktemp -d)
    # apt's sandbox user has to be able to write there.
    chmod 755 "$unpacked"
    if apt_install --download-only -o "Dir::Cache::archives=$unpacked" openssh-server; then
        for package in "$unpacked"/*.deb; do
            dpkg-deb --extract "$package" "$unpacked/root"
        done
        # Where /lib is a link to usr/lib, a directory of this name would hide it.
        mkdir -p "$venv/sshd/usr/lib"
        [ ! -d "$unpacked/root/lib" ] || cp -a "$unpacked/root/lib/." "$venv/sshd/usr/lib"
        cp -a "$unpacked/root/usr/lib" "$unpacked/root/usr/sbin" "$venv/sshd/usr"
    fi
    rm -rf "$unpacked"
    [ -x "$venv/sshd/usr/sbin/sshd" ]
}

can_apt() {
    [ -z "${NO_APT:-}" ] && command -v apt-get >/dev/null || return 1
    [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null
}

# Fresh machines have no package lists, so a first failure means: update, and try again.
apt_install() {
    say "installing with apt: $*"
    log=$(mktemp)
    if apt_get install "$@" >"$log" 2>&1 ||
        { apt_get update && apt_get install "$@"; } >"$log" 2>&1; then
        rm -f "$log"
        return
    fi
    cat "$log" >&2
    rm -f "$log"
    return 1
}

# One retry and a short timeout: behind a firewall that lets only PyPI through, say so soon.
apt_get() {
    as_root=
    [ "$(id -u)" -eq 0 ] || as_root='sudo -n'
    # shellcheck disable=SC2086  # `sudo -n` is two words
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -qq -o Acquire::Retries=1 \
        -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 \
        -o APT::Install-Recommends=false "$@" </dev/null
}

# --- messages ---------------------------------------------------------------------------------

say() {
    echo "setup: $*" >&2
}

die() {
    say "$1"
    shift
    for hint in "$@"; do
        echo "    $hint" >&2
    done
    exit 2
}

main
