#!/bin/sh
# Builds what a virtual machine boots from: QEMU, a kernel, and a disk with Debian 12 and advisor.
#
#   tests/vm/image.sh CACHE
#
# CACHE/root   the guest: Debian 12 with systemd, a kernel and Python; made once
# CACHE/qemu   QEMU and its libraries, unpacked and not installed; made once
# CACHE/disk   the guest with this checkout's advisor, installed as a wheel; made every time
#
# Needs root, debootstrap, mkfs.ext4, .venv, a Debian mirror (MIRROR names another one) and a
# package index. 150 MB are downloaded, 2 GB of disk used. Nothing is written elsewhere.
# Exit code 3: it cannot be built here.

set -eu
here=$(cd "$(dirname "$0")" && pwd)
checkout=${here%/tests/vm}
cache=$1
root=$cache/root
qemu=$cache/qemu
wheels=$cache/wheels
mirror=${MIRROR:-http://deb.debian.org/debian}

packages=systemd-sysv,udev,dbus,kmod,iproute2,ethtool,procps,python3,python3-venv,python3-ethtool
units='network.service agent.service'

main() {
    [ "$(id -u)" -eq 0 ] || cannot "the guest's file system can only be made by root"
    for tool in debootstrap mkfs.ext4 setpriv unshare; do
        command -v $tool >/dev/null ||
            cannot "$tool is missing: apt-get install debootstrap e2fsprogs util-linux"
    done
    mkdir -p "$cache" "$wheels"
    [ -e "$cache/made" ] || {
        make_root
        make_qemu
        make_python
        touch "$cache/made"
    }
    install_guest
    install_advisor
    make_disk
}

make_root() {
    say "Debian 12 from $mirror, with debootstrap"
    rm -rf "$root"
    debootstrap --variant=minbase --include=$packages bookworm "$root" "$mirror" \
        >"$cache/debootstrap.log" 2>&1 || cannot "debootstrap failed: $cache/debootstrap.log"
    echo "deb $mirror bookworm-backports main" >"$root/etc/apt/sources.list.d/backports.list"
    say "its kernel"
    mkdir -p "$root/etc/initramfs-tools/conf.d"
    echo MODULES=list >"$root/etc/initramfs-tools/conf.d/vm"
    guest_apt update
    guest_apt install linux-image-amd64
    printf '%s\n' virtio_pci virtio_blk ext4 >"$root/etc/initramfs-tools/modules"
    in_guest update-initramfs -u >>"$cache/apt.log" 2>&1
    in_guest apt-get clean
}

# Debian 12's own QEMU has no igb. Through the guest's package lists, which leave this host's alone.
make_qemu() {
    say "QEMU from bookworm-backports"
    guest_apt install --download-only -t bookworm-backports qemu-system-x86
    rm -rf "$qemu"
    for package in "$root"/var/cache/apt/archives/*.deb; do
        dpkg -x "$package" "$qemu"
    done
    in_guest apt-get clean
    rm -rf "$root"/var/lib/apt/lists/*
    : >"$root/etc/resolv.conf"
}

# ethtool, the one that would have to be compiled, is Debian's.
make_python() {
    say "the Python packages that advisor needs"
    sed -n '/^dependencies = \[/,/^]/s/^ *"\([^"]*\)",$/\1/p' "$checkout/pyproject.toml" |
        grep -v '^ethtool' >"$cache/requirements.txt"
    "$checkout/.venv/bin/python" -m pip download --quiet --dest "$wheels" --only-binary=:all: \
        --python-version 3.11 --implementation cp --platform manylinux2014_x86_64 \
        --platform manylinux_2_28_x86_64 --requirement "$cache/requirements.txt" ||
        cannot "pip could not download them"
    in_guest python3 -m venv --system-site-packages /opt/advisor
    cp -r "$wheels" "$cache/requirements.txt" "$root/opt/"
    guest_pip --find-links /opt/wheels --requirement /opt/requirements.txt
}

install_guest() {
    mkdir -p "$root/opt/guest" "$root/etc/systemd/network"
    cp "$here"/guest/*.py "$here"/guest/*.sh "$root/opt/guest/"
    cp "$here"/guest/*.link "$root/etc/systemd/network/"
    for unit in $units; do
        cp "$here/guest/$unit" "$root/etc/systemd/system/"
        ln -sf "/etc/systemd/system/$unit" "$root/etc/systemd/system/multi-user.target.wants/"
    done
    # The units that come with advisor, which a scenario enables.
    cp "$checkout"/units/* "$root/etc/systemd/system/"
    ln -sf /opt/advisor/bin/advisor "$root/usr/local/bin/advisor"
    echo advisor-vm >"$root/etc/hostname"
    echo 127.0.0.1 localhost advisor-vm >"$root/etc/hosts"
    # Nothing here is about them, and an emulated processor takes its time.
    for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
        e2scrub_reap.service; do
        ln -sf /dev/null "$root/etc/systemd/system/$unit"
    done
}

install_advisor() {
    say "advisor, as a wheel of this checkout"
    rm -rf "$wheels"/nettune_advisor-*.whl "$root"/opt/wheels/nettune_advisor-*.whl
    "$checkout/.venv/bin/python" -m pip wheel --quiet --no-deps --wheel-dir "$wheels" "$checkout" ||
        cannot "pip could not build it"
    cp "$wheels"/nettune_advisor-*.whl "$root/opt/wheels/"
    guest_pip --no-deps --force-reinstall --find-links /opt/wheels nettune-advisor
    in_guest /opt/advisor/bin/python -m advisor.knowledge
}

make_disk() {
    say "the disk"
    cp -L "$root/vmlinuz" "$root/initrd.img" "$cache/"
    rm -f "$cache/disk"
    truncate -s 2G "$cache/disk"
    mkfs.ext4 -q -F -d "$root" "$cache/disk"
}

guest_apt() {
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    DEBIAN_FRONTEND=noninteractive in_guest apt-get -y -qq -o APT::Install-Recommends=false "$@" \
        </dev/null >>"$cache/apt.log" 2>&1 || cannot "apt-get $* failed: $cache/apt.log"
}

# The settings of this host's pip are not about the guest.
guest_pip() {
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root chroot "$root" \
        /opt/advisor/bin/pip install --quiet --no-index "$@" || cannot "pip failed in the guest"
}

in_guest() {
    LC_ALL=C.UTF-8 chroot "$root" "$@"
}

cannot() {
    echo "vm: skipped: $1" >&2
    exit 3
}

say() {
    echo "vm: $1" >&2
}

main
