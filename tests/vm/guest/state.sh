#!/bin/bash
# Everything about an interface that a change might destroy, told by others than advisor.
#
#   state.sh NIC
#
# One fact a line. Interrupts go by name: their numbers may change.
nic=$1
device=/sys/class/net/$nic/device

for option in -l -g -c -k -a -x; do
    ethtool "$option" "$nic" 2>&1 | sed -e "s/^/ethtool $option: /" -e 's/[ \t]\+/ /g' -e 's/ $//'
done
ip -o address show dev "$nic" | sed -e 's/^[0-9]*: //' -e 's/ tentative//'
for family in -4 -6; do
    ip $family route show dev "$nic" table all | sed 's/^/route: /'
done
ip neighbour show dev "$nic" nud permanent | sed 's/^/neighbour: /'
for file in "/sys/class/net/$nic"/{mtu,tx_queue_len,carrier,operstate} \
    "/sys/class/net/$nic"/queues/*/{rps_cpus,rps_flow_cnt,xps_cpus,xps_rxqs}; do
    echo "${file#/sys/class/net/}: $(cat "$file" 2>&1)"
done
for irq in $(ls "$device/msi_irqs" "$device/../msi_irqs" 2>/dev/null | sort -nu); do
    name=$(cat "/sys/kernel/irq/$irq/actions" 2>/dev/null)
    [ -n "$name" ] && echo "interrupt $name: $(cat "/proc/irq/$irq/smp_affinity_list")"
done | sort
tc qdisc show dev "$nic" | sed 's/^/qdisc: /'
