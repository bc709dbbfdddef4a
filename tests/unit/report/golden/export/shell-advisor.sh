#!/bin/sh
# advisor export shell: 26 changes
# For web-1, by profile edge-proxy, as read 2026-11-21T10:00:00Z.
# It prints the commands that undo it, with the values that it finds (those that
# ethtool and tc change, with the values that the plan had found):
#   sh advisor.sh > undo.sh
# What a device loses when it is reset (RSS, XPS, RPS, affinities, routes) is not
# put back here, as advisor apply does.

set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL

if [ "$(id -u)" -ne 0 ]; then
    echo 'this has to be run as root' >&2
    exit 1
fi

# put TEXT FILE: one write, with the whole value.
put() {
    printf '%s\n' "$1" > "$2"
}

# word TEXT: as one word of a command.
word() {
    printf "'"
    printf '%s' "$1" | sed "s/'/'\\\\''/g"
    printf "'"
}

# keep FILE: print the command that brings its value back.
keep() {
    kept=$(cat "$1")
    printf 'put %s %s\n' "$(word "$kept")" "$(word "$1")"
}

# look COMMAND: print what a device says of its settings, as comments.
look() {
    "$@" 2>&1 | sed 's/^/# /'
}

# What brings the values back that are there now.
cat << 'END'
#!/bin/sh
set -eu
put() {
    printf '%s\n' "$1" > "$2"
}
END
look ethtool -k eth0
look ethtool --show-priv-flags eth0
look ethtool -g eth0
look ethtool -l eth0
look ethtool -x eth0
look ethtool -c eth0
look ethtool -a eth0
look tc qdisc show dev eth0 root
keep /sys/class/net/eth0/gro_flush_timeout
keep /sys/class/net/eth0/queues/tx-1/xps_cpus
keep /sys/class/net/eth0/queues/rx-0/rps_flow_cnt
keep /sys/class/net/eth0/queues/rx-0/rps_cpus
keep /proc/irq/45/smp_affinity_list
keep /sys/class/net/eth1/threaded
keep /sys/class/net/eth1/tx_queue_len
printf '%s\n' 'tc qdisc replace dev eth0 root pfifo_fast'
printf '%s\n' 'ethtool -A eth0 tx on'
printf '%s\n' 'ethtool -C eth0 cqe-mode-rx off'
printf '%s\n' 'ethtool -C eth0 rx-usecs 3'
printf '%s\n' 'ethtool -C eth0 adaptive-rx on'
printf '%s\n' 'ethtool -N eth0 rx-flow-hash udp4 sd'
printf '%s\n' 'ethtool -X eth0 equal 2'
printf '%s\n' 'ethtool -L eth0 rx 1'
printf '%s\n' 'ethtool -L eth0 combined 4'
printf '%s\n' 'ethtool -G eth0 rx 512'
keep /sys/class/net/eth0/mtu
printf '%s\n' 'ethtool --set-priv-flags eth0 rx_cqe_compress off'
printf '%s\n' 'ethtool -K eth0 tx-tcp-segmentation off'
printf '%s\n' 'ethtool -K eth0 rx-lro on'
keep /proc/sys/net/ipv4/conf/eth0.100/rp_filter
keep /proc/sys/net/netfilter/nf_conntrack_buckets
keep /proc/sys/net/ipv4/tcp_congestion_control
keep /proc/sys/net/ipv4/tcp_rmem
keep /proc/sys/net/core/somaxconn

# What the commands themselves say is no part of that.
exec >&2

# LSN009: was 4096
put 16384 /proc/sys/net/core/somaxconn

# TST001: was 4096 5242880 33554432
put '4096 131072 4194304' /proc/sys/net/ipv4/tcp_rmem

# TST001: was cubic
put bbr /proc/sys/net/ipv4/tcp_congestion_control

# CT004: was 65536
put 262144 /proc/sys/net/netfilter/nf_conntrack_buckets

# TST001: was 1
put 2 /proc/sys/net/ipv4/conf/eth0.100/rp_filter

# TST001: was on
ethtool -K eth0 rx-lro off

# TST001: was off
ethtool -K eth0 tx-tcp-segmentation on

# TST001: was off
ethtool --set-priv-flags eth0 rx_cqe_compress on

# TST001: was 1500; interrupts the link
ip link set dev eth0 mtu 9000

# TST001: was 512; interrupts the link
ethtool -G eth0 rx 4096

# TST001: was 4; interrupts the link
ethtool -L eth0 combined 8

# TST001: was 1; interrupts the link
ethtool -L eth0 rx 0

# TST001: was 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1
ethtool -X eth0 equal 8

# TST001: was sd
ethtool -N eth0 rx-flow-hash udp4 sdfn

# TST001: was on
ethtool -C eth0 adaptive-rx off

# TST001: was 3
ethtool -C eth0 rx-usecs 50

# TST001: was off
ethtool -C eth0 cqe-mode-rx on

# TST001: was on; interrupts the link
ethtool -A eth0 tx off

# TST001: was pfifo_fast
tc qdisc replace dev eth0 root fq

# TST001: was 1000
ip link set dev eth1 txqueuelen 2000

# TST001: it had no value
put 1 /sys/class/net/eth1/threaded

# TST001: was 0
put 2,3 /proc/irq/45/smp_affinity_list

# TST001: was none
put f /sys/class/net/eth0/queues/rx-0/rps_cpus

# TST001: was 0
put 4096 /sys/class/net/eth0/queues/rx-0/rps_flow_cnt

# TST001: was 0 1
put 2,00000002 /sys/class/net/eth0/queues/tx-1/xps_cpus

# TST001: was 0
put 20000 /sys/class/net/eth0/gro_flush_timeout
