"""Making settings last: files below /etc that bring them at the next boot.

    means = read_means(files, host)
    wanted = plan_files(layers.persistent(receipts), means, sources(receipts))
    prepared = prepare(wanted, state, tree)         # then the journal: "persisting"
    write(wanted, prepared.changes, state, tree)
    problems = verify(wanted, files, host.services)  # then the journal: "persisted"

What is planned is computed from the values and the host's means alone (`plan`, `sysctl_file`,
`interface_files`, `boot_unit`); `tree` and `files` are what writes; `boot` is what the next boot
calls. Values are taken back by planning once more without the run that is undone, with
`prepare(…, leave_edited=True)`; what no run wants any longer is removed.
"""

from advisor.changes.persist.boot import apply_persistent, read_settings
from advisor.changes.persist.files import Prepared, forget, prepare, restore, write
from advisor.changes.persist.model import Means, NotPersistable, Source, Wanted, WantedFile
from advisor.changes.persist.plan import plan_files, sources
from advisor.changes.persist.read_means import read_means
from advisor.changes.persist.reload import reload_units
from advisor.changes.persist.tree import Tree
from advisor.changes.persist.verify import verify

__all__ = [
    "Means",
    "NotPersistable",
    "Prepared",
    "Source",
    "Tree",
    "Wanted",
    "WantedFile",
    "apply_persistent",
    "forget",
    "plan_files",
    "prepare",
    "read_means",
    "read_settings",
    "reload_units",
    "restore",
    "sources",
    "verify",
    "write",
]
