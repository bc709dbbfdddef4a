#!/bin/sh
# The ordinary commands that read what `advisor check` reads, for comparison. A driver that does not
# support a question makes ethtool fail; that is part of the comparison, not an error.
exec >/dev/null 2>&1
sysctl -a
for path in /sys/class/net/*; do
    nic=${path##*/}
    for question in -i -l -g -c -k -a -S; do
        ethtool "$question" "$nic"
    done
done
ss -ltni
nstat -az
tc -s qdisc
cat /proc/net/softnet_stat /proc/net/sockstat /proc/net/sockstat6 /proc/interrupts \
    /proc/softirqs /proc/stat /proc/meminfo /proc/cpuinfo
exit 0
