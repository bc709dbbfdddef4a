"""What each driver calls the things in `Counted` (`ethtool -S`, Linux 6.12, drivers/net).

Regular expressions; the values of all names that match add up, so a total and its parts must not
both match. "rx_pause_class" and "tx_pause_class" are pause frames of single priorities, beside the
link-wide ones. A driver that has no name for a thing does not count it: nothing here is guessed.
To teach a driver, add its lines, and its output to tests/unit/facts/nics/ethtool_stats.
"""

from __future__ import annotations

Names = dict[str, str]

_XON_XOFF: Names = {
    "rx_pause": r"rx_flow_control_xo(?:n|ff)",
    "tx_pause": r"tx_flow_control_xo(?:n|ff)",
}

# e1000_main's heirs: alloc_failed is a skb or page of any queue.
_IGB: Names = _XON_XOFF | {
    "rx_no_buffer": r"rx_queue_\d+_alloc_failed",
    "tx_timeouts": r"tx_timeout_count",
    "tx_stopped": r"tx_queue_\d+_restart",
    "rx_bad_link": r"rx_crc_errors|rx_align_errors",
}

_IXGBEVF: Names = {
    "rx_no_buffer": r"alloc_rx_(?:page|buff)_failed",
    "tx_timeouts": r"tx_timeout_count",
    "tx_stopped": r"tx_restart_queue",
}

_OCTEONTX2: Names = {
    # The names end in ": ". 2 and 17: cgx_rx_stats_fields and cgx_tx_stats_fields in rvu_debugfs.c.
    "rx_pause": r"cgx_rxstat2(?:: )?",
    "tx_pause": r"cgx_txstat17(?:: )?",
    "rx_bad_link": r"rx_fcs_errs",
}

COUNTER_NAMES: dict[str, Names] = {
    "atlantic": {
        "rx_no_buffer": r"(?:TC\d )?Queue\[\d+\] (?:Alloc|SkbAlloc)Fails",
        "tx_stopped": r"(?:TC\d )?Queue\[\d+\] Restarts",
        "xdp_drops": r"(?:TC\d )?Queue\[\d+\] XdpDrop",
        "xdp_errors": r"(?:TC\d )?Queue\[\d+\] Xdp(?:Abort|Invalid)",
    },
    "bnx2x": {
        "rx_no_buffer": r"rx_skb_alloc_discard",
        "tx_stopped": r"tx_exhaustion_events",
        "rx_pause": r"rx_pause_frames",
        "tx_pause": r"tx_pause_frames",
        "rx_pause_class": r"pfc_frames_received",
        "tx_pause_class": r"pfc_frames_sent",
        "rx_bad_link": r"rx_crc_errors|rx_align_errors",
    },
    "bnxt_en": {
        "rx_no_buffer": r"rx_total_oom_discards",
        "rx_pause": r"rx_pause_frames",
        "tx_pause": r"tx_pause_frames",
        "rx_pause_class": r"rx_pfc_frames",
        "tx_pause_class": r"tx_pfc_frames",
        "rx_bad_link": r"rx_fcs_err_frames",
    },
    "ena": {
        "rx_no_buffer": r"queue_\d+_rx_(?:page|skb)_alloc_fail",
        "tx_timeouts": r"tx_timeout",
        "tx_stopped": r"queue_\d+_(?:xdp_)?tx_queue_stop",
        "xdp_drops": r"queue_\d+_rx_xdp_drop",
        "xdp_errors": r"queue_\d+_rx_xdp_(?:aborted|invalid)",
    },
    "gve": {
        "rx_no_buffer": r"rx_(?:buf|skb)_alloc_fail|rx_xdp_alloc_fails\[\d+\]",
        "tx_timeouts": r"tx_timeouts",
        "tx_stopped": r"tx_stop\[\d+\]",
        "xdp_drops": r"rx_xdp_drop\[\d+\]",
        "xdp_errors": (
            r"rx_xdp_(?:aborted|tx_errors|redirect_errors)\[\d+\]|tx_xdp_xmit_errors\[\d+\]"
        ),
    },
    "hns3": {
        # dropped: sw_err_cnt, of a receive queue a skb or buffer that could not be had.
        "rx_no_buffer": r"rxq\d+_(?:dropped|frag_alloc_err)",
        "tx_stopped": r"txq\d+_busy",
        "rx_pause": r"mac_rx_mac_pause_num",
        "tx_pause": r"mac_tx_mac_pause_num",
        "rx_pause_class": r"mac_rx_pfc_pkt_num",
        "tx_pause_class": r"mac_tx_pfc_pkt_num",
        "rx_bad_link": r"mac_rx_fcs_err_pkt_num",
    },
    "hv_netvsc": {
        "rx_no_buffer": r"rx_no_memory",
        "tx_stopped": r"stop_queue",
        "xdp_drops": r"rx_queue_\d+_xdp_drop",
    },
    "i40e": {
        "rx_no_buffer": r"rx_(?:pg_)?alloc_fail",
        "tx_timeouts": r"port\.tx_timeout",
        "tx_stopped": r"tx_stopped",
        "rx_pause": r"port\.link_xo(?:n|ff)_rx",
        "tx_pause": r"port\.link_xo(?:n|ff)_tx",
        "rx_pause_class": r"port\.rx_priority_\d_xo(?:n|ff)_rx",
        "tx_pause_class": r"port\.tx_priority_\d_xo(?:n|ff)_tx",
        "rx_bad_link": r"port\.rx_crc_errors",
    },
    "ice": {
        "rx_no_buffer": r"rx_(?:pg_)?alloc_fail",
        "tx_timeouts": r"tx_timeout\.nic",
        "tx_stopped": r"tx_restart",
        "rx_pause": r"link_xo(?:n|ff)_rx\.nic",
        "tx_pause": r"link_xo(?:n|ff)_tx\.nic",
        "rx_pause_class": r"rx_priority_\d_xo(?:n|ff)\.nic",
        "tx_pause_class": r"tx_priority_\d_xo(?:n|ff)\.nic",
        "rx_bad_link": r"rx_crc_errors\.nic",
    },
    "idpf": {"tx_stopped": r"tx-busy_events"},
    "igb": _IGB,
    "igc": _IGB,
    "ionic": {
        "rx_no_buffer": r"rx_\d+_alloc_err",
        "xdp_drops": r"xdp_drop",
        "xdp_errors": r"xdp_aborted",
        "rx_pause": r"frames_rx_pause",
        "tx_pause": r"frames_tx_pause",
        "rx_pause_class": r"frames_rx_pripause",
        "tx_pause_class": r"frames_tx_pripause",
        "rx_bad_link": r"frames_rx_bad_fcs",
    },
    "ixgbe": _IXGBEVF
    | _XON_XOFF
    | {
        "rx_pause_class": r"rx_pb_\d_pxo(?:n|ff)",
        "tx_pause_class": r"tx_pb_\d_pxo(?:n|ff)",
        "rx_bad_link": r"rx_crc_errors",
    },
    "ixgbevf": _IXGBEVF,
    "mana": {"tx_stopped": r"stop_queue", "xdp_drops": r"rx_\d+_xdp_drop"},
    "mlx4_en": {
        "tx_timeouts": r"tx_timeout",
        "tx_stopped": r"queue_stopped",
        "xdp_drops": r"rx_xdp_drop",
        "xdp_errors": r"rx_xdp_(?:tx_full|redirect_fail)",
        "rx_pause": r"rx_pause",
        "tx_pause": r"tx_pause",
        "rx_pause_class": r"rx_pause_prio_\d",
        "tx_pause_class": r"tx_pause_prio_\d",
        "rx_bad_link": r"rx_crc_errors",
    },
    "mlx5_core": {
        "rx_no_buffer": r"rx_(?:xsk_)?buff_alloc_err",
        "tx_stopped": r"tx_queue_stopped",
        # Packets that a program aborts count as dropped too (mlx5e_xdp_handle).
        "xdp_drops": r"rx_(?:xsk_)?xdp_drop",
        "xdp_errors": r"(?:rx_xdp_tx|tx_xdp)_(?:full|err)",
        "rx_pause": r"rx_pause_ctrl_phy",
        "tx_pause": r"tx_pause_ctrl_phy",
        "rx_pause_class": r"rx_prio\d_pause",
        "tx_pause_class": r"tx_prio\d_pause",
        "pci_stalled": r"outbound_pci_stalled_wr_events",
        "rx_bad_link": r"rx_crc_errors_phy|rx_symbol_err_phy",
    },
    "nfp": {
        "rx_no_buffer": r"rx_replace_buf_alloc_fail",
        "rx_pause": r"mac\.rx_pause_mac_ctrl_frames",
        "tx_pause": r"mac\.tx_pause_mac_ctrl_frames",
        "rx_pause_class": r"mac\.rx_pause_frames_class\d",
        "tx_pause_class": r"mac\.tx_pause_frames_class\d",
        "rx_bad_link": r"mac\.rx_frame_check_sequence_errors",
    },
    "qede": {
        "rx_no_buffer": r"\d+: rx_alloc_errors",
        "tx_stopped": r"\d+_\d+: stopped_cnt",
        "rx_pause": r"rx_pause_frames",
        "tx_pause": r"tx_pause_frames",
        "rx_pause_class": r"rx_pfc_frames",
        "tx_pause_class": r"tx_pfc_frames",
        "rx_bad_link": r"rx_crc_errors|rx_align_errors",
    },
    "rvu-nicpf": _OCTEONTX2,
    "tg3": {
        "rx_pause": r"rx_xo(?:n|ff)_pause_rcvd",
        "tx_pause": r"tx_xo(?:n|ff)_sent",
        "rx_bad_link": r"rx_fcs_errors|rx_align_errors",
    },
    "veth": {
        "xdp_drops": r"rx_queue_\d+_xdp_drops",
        "xdp_errors": r"rx_queue_\d+_xdp_tx_errors|tx_queue_\d+_xdp_xmit_errors",
    },
    # rx0_… since 6.8, rx_queue_0_… before. What a program aborts counts as dropped too.
    "virtio_net": {
        "tx_timeouts": r"tx(?:_queue_)?\d+_tx_timeouts",
        "xdp_drops": r"rx(?:_queue_)?\d+_xdp_drops",
        "xdp_errors": r"tx(?:_queue_)?\d+_xdp_tx_drops",
    },
    "vmxnet3": {
        "rx_no_buffer": r"rx\d+ rx buf alloc fail",
        "tx_timeouts": r"tx timeout count",
        "tx_stopped": r"tx\d+ ring full",
        "xdp_drops": r"rx\d+ xdp drops",
        "xdp_errors": r"rx\d+ xdp aborted|tx\d+ xdp xmit err",
    },
}

BEFORE: dict[str, dict[str, str]] = {
    "i40e": {
        "port.rx_discards": "port.rx_dropped",
        "rx_missed_errors": "rx_dropped",
        "tx_stopped": "tx_restart",
    },
}
"""Driver → a name that older versions lack → what they call it, or what comes nearest to it.

i40e: "i40e: Add rx_missed_errors for buffer exhaustion" (6.7).
"""
