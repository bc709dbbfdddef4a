"""The layout of one interface, from the facts of its host."""

from __future__ import annotations

from advisor.layout.carriers import carriers
from advisor.layout.cores import Cores
from advisor.layout.placement import all_cpus, crowd, on_siblings, remote, without
from advisor.layout.serving import serving_cpus
from advisor.layout.spreading import indirection, xps_elsewhere, xps_missing, xps_several
from advisor.layout.vectors import places_of, vectors_of
from advisor.model.host import Host
from advisor.model.layout import Layout
from advisor.model.unavailable import Unavailable


def layout_of(host: Host, name: str) -> Layout | Unavailable:
    """Where the work of the interface `name` is done; what cannot be told says why."""
    if isinstance(host.nics, Unavailable):
        return host.nics
    nic = host.nics.get(name)
    if nic is None:
        return Unavailable("there is no such interface")
    cores = Cores(host.cpu)
    irqs = {} if isinstance(host.irqs, Unavailable) else host.irqs
    vectors = vectors_of(nic, irqs, cores)
    rx_places = places_of(nic, nic.rx_queues, host.irqs)
    tx_places = places_of(nic, nic.tx_queues, host.irqs)
    rx_cpus = all_cpus(rx_places)
    rx_cores = rx_cpus if isinstance(rx_cpus, Unavailable) else cores.of(rx_cpus)
    near = cores.near(nic)
    local_cores = near if isinstance(near, Unavailable) else cores.of(near)
    fullest = crowd(rx_places)
    table = indirection(nic)
    return Layout(
        nic=name,
        carriers=carriers(host.nics, name),
        vectors=vectors,
        cpus=serving_cpus(host.nics, nic, vectors, irqs, cores),
        rx_cpus=rx_cpus,
        rx_cores=rx_cores,
        local_cores=local_cores,
        free_cores=without(local_cores, rx_cores),
        most_rx_on_cpu=fullest if isinstance(fullest, Unavailable) else fullest[0],
        crowded_cpu=fullest if isinstance(fullest, Unavailable) else fullest[1],
        rx_on_siblings=on_siblings(rx_places, cores),
        rx_remote=remote(rx_places, nic, cores),
        tx_remote=remote(tx_places, nic, cores),
        xps_missing=xps_missing(nic, cores),
        xps_several=xps_several(nic, cores),
        xps_elsewhere=xps_elsewhere(nic, cores, tx_places),
        rss_missing=table if isinstance(table, Unavailable) else table.missing,
        rss_beyond=table if isinstance(table, Unavailable) else table.beyond,
        rss_most=table if isinstance(table, Unavailable) else table.most,
        rss_least=table if isinstance(table, Unavailable) else table.least,
    )
