#!/bin/sh
# Becomes a host of a fleet: the first process of its own network, mount, pid, uts and ipc
# namespaces, which are there already. Ends as sshd.
#
#   host.sh NAME ADDRESS FOLDER LAYERS     with the switch's network namespace open as 3
#
# ADDRESS  with the length of its prefix
# FOLDER   of the fleet: its keys, and `hosts`, a file system for what hosts write
# LAYERS   folders over the machine's root, "upper:lower:…", or nothing
set -eu
name=$1 address=$2 folder=$3 layers=$4

# --- its link: one end in each namespace, in neither of them before -------------------------------

for path in /proc/sys/net/ipv6/conf/*/accept_dad; do
    [ ! -e "$path" ] || echo 0 >"$path" # an address is there at once
done
ip link add eth0 type veth peer name "$name" netns /proc/self/fd/3
nsenter --net=/proc/self/fd/3 ip link set dev "$name" master br0 up
exec 3>&-
ip link set dev lo up
ip link set dev eth0 up
ip address add "$address" dev eth0

# --- its root: the machine's, and what it writes is its own ---------------------------------------

own=$folder/hosts/$name
root=$own/root
mkdir -p "$own/upper" "$own/work" "$root"
mount -t overlay "$name" \
    -o "lowerdir=${layers:+$layers:}/,upperdir=$own/upper,workdir=$own/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys" # shows the network namespace that mounts it
mount -t tmpfs -o mode=755 run "$root/run"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
mount -t tmpfs -o mode=755 dev "$root/dev"
for device in null zero full random urandom tty; do
    : >"$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
chmod 1777 "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
for link in fd:/proc/self/fd stdin:/proc/self/fd/0 stdout:/proc/self/fd/1 stderr:/proc/self/fd/2; do
    ln -s "${link#*:}" "$root/dev/${link%%:*}"
done
# What has no namespace is the machine's: a host reads it.
mount --bind "$root/proc/sys/net" "$root/mnt"
for path in proc/sys proc/irq sys/module sys/kernel sys/fs sys/firmware sys/power sys/bus \
    sys/devices/system; do
    [ -d "$root/$path" ] || continue
    mount --bind "$root/$path" "$root/$path"
    mount -o remount,bind,ro "$root/$path"
done
mount --move "$root/mnt" "$root/proc/sys/net"
install -d -m 700 "$root/etc/fleet"
install -m 600 "$folder/host-key" "$folder/key.pub" "$root/etc/fleet/"
cd "$root"
pivot_root . mnt
cd /
umount -l /mnt

# --- its identity, and its only service -----------------------------------------------------------

hostname "$name"
echo "$name" >/etc/hostname
echo "127.0.0.1 localhost $name" >/etc/hosts
echo "$name" | md5sum | cut -d' ' -f1 >/etc/machine-id
rm -rf /var/lib/advisor /etc/advisor /etc/sysctl.d
find /root -maxdepth 1 -name '.*' -type f -delete # settings of somebody's shell
rm -rf ~root/.ansible ~root/.ssh
mkdir /etc/sysctl.d
mkdir -m 755 /run/sshd /run/lock
grep -q ^sshd: /etc/passwd || echo 'sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin' >>/etc/passwd
cat >/etc/fleet/sshd_config <<END
Port 22
ListenAddress ${address%/*}
HostKey /etc/fleet/host-key
AuthorizedKeysFile /etc/fleet/key.pub
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
PidFile none
MaxStartups 100:30:200
Subsystem sftp internal-sftp
END
cd /root
exec env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
    setpriv --bounding-set=-sys_module,-sys_boot,-sys_time,-sys_rawio \
    /usr/sbin/sshd -D -e -f /etc/fleet/sshd_config
