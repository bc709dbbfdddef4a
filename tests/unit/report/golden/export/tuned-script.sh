#!/bin/sh
# advisor export tuned: 26 changes
# For web-1, by profile edge-proxy, as read 2026-11-21T10:00:00Z.
# Save beside tuned.conf, and make it executable.

set -eu

# put TEXT FILE: one write, with the whole value.
put() {
    printf '%s\n' "$1" > "$2"
}

start() {
    # TST001: was 1
    put 2 /proc/sys/net/ipv4/conf/eth0.100/rp_filter
    # TST001: was off
    ethtool -K eth0 tx-tcp-segmentation on
    # TST001: was off
    ethtool --set-priv-flags eth0 rx_cqe_compress on
    # TST001: was 1; interrupts the link
    ethtool -L eth0 rx 0
    # TST001: was 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1
    ethtool -X eth0 equal 8
    # TST001: was sd
    ethtool -N eth0 rx-flow-hash udp4 sdfn
    # TST001: was off
    ethtool -C eth0 cqe-mode-rx on
    # TST001: was pfifo_fast
    tc qdisc replace dev eth0 root fq
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
    :
}

stop() {
    put 0 /sys/class/net/eth0/gro_flush_timeout
    put 3 /sys/class/net/eth0/queues/tx-1/xps_cpus
    put 0 /sys/class/net/eth0/queues/rx-0/rps_flow_cnt
    put 0 /sys/class/net/eth0/queues/rx-0/rps_cpus
    put 0 /proc/irq/45/smp_affinity_list
    # nic:eth1/threaded had no value that could be set again
    tc qdisc replace dev eth0 root pfifo_fast
    ethtool -C eth0 cqe-mode-rx off
    ethtool -N eth0 rx-flow-hash udp4 sd
    ethtool -X eth0 equal 2
    ethtool -L eth0 rx 1
    ethtool --set-priv-flags eth0 rx_cqe_compress off
    ethtool -K eth0 tx-tcp-segmentation off
    put 1 /proc/sys/net/ipv4/conf/eth0.100/rp_filter
    :
}

case "${1-}" in
    start) start ;;
    stop) stop ;;
    verify) ;;
    *)
        echo 'start, stop or verify' >&2
        exit 2
        ;;
esac
