#!/bin/sh
# What `advisor snapshot` reads about interfaces, read with the ordinary tools: one call for each item
# of each interface. A driver that does not support a question makes ethtool fail; that is part of
# the comparison, not an error. Standard output is thrown away.
exec >/dev/null 2>&1
ip -details -statistics link show
tc -s qdisc
cat /proc/interrupts
for path in /sys/class/net/*; do
    nic=${path##*/}
    for question in -i -l -g -c -k -x -S --show-priv-flags --show-fec '-I -a'; do
        # shellcheck disable=SC2086  # two words are two arguments
        ethtool $question "$nic"
    done
    ethtool "$nic"
    cat "$path"/queues/rx-*/rps_cpus "$path"/queues/rx-*/rps_flow_cnt \
        "$path"/queues/tx-*/xps_cpus "$path"/queues/tx-*/xps_rxqs \
        "$path"/threaded "$path"/gro_flush_timeout "$path"/napi_defer_hard_irqs
done
exit 0
