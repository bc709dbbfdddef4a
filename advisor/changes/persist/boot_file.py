"""The settings that advisor itself brings at boot, as the file that it reads then. Pure.

What is read back is checked as if a stranger had written it: it decides what root writes to the
kernel.
"""

from __future__ import annotations

import json
import re
from typing import Any

from advisor.changes.fields import as_object, items, natural
from advisor.changes.persist.model import Device, Settings, Vector
from advisor.changes.persist.seal import LINE, sealed
from advisor.changes.settings_data import address_data, address_from, value_data, value_from
from advisor.model.address import IrqAddress, NicAddress
from advisor.model.receipt import Value

FORMAT = "advisor.persistent/v1"
SIZE_MAX = 8 << 20
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5,19}")
_BUS = re.compile(r"[A-Za-z0-9:._@-]{1,80}/[0-9]{1,5}")
_NAME_MAX = 256


def to_file(settings: Settings) -> bytes:
    """The file's bytes, one setting a line."""
    devices = {
        name: {"mac": device.mac, "bus": device.bus}
        for name, device in sorted(settings.devices.items())
    }
    entries: list[dict[str, Any]] = [
        {"setting": address_data(address), "value": value_data(value)}
        for address, value in settings.values.items()
    ]
    entries += [
        {"interrupt": _vector_data(irq, vector), "value": value_data(value)}
        for irq, (vector, value) in sorted(settings.interrupts.items())
    ]
    parts = (
        f'"about":{_json(LINE)}',
        f'"format":{_json(FORMAT)}',
        f'"devices":{_json(devices)}',
        '"settings":[\n' + ",\n".join(map(_json, entries)) + "\n]",
    )
    return sealed("{\n" + ",\n".join(parts) + "\n}\n")


def from_file(data: bytes) -> Settings:
    """The settings in a file.

    Raises:
        ValueError: It is not such a file.
    """
    if len(data) > SIZE_MAX:
        raise ValueError("it is too long")
    try:
        fields = as_object(json.loads(data.decode("ascii")))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if fields.keys() != {"about", "format", "devices", "settings"} or fields["format"] != FORMAT:
        raise ValueError("it is not written by this version of advisor")
    values: dict[NicAddress, Value] = {}
    interrupts: dict[int, tuple[Vector, Value]] = {}
    for entry in map(as_object, items(fields, "settings")):
        value = value_from(entry.get("value"))
        if entry.keys() == {"setting", "value"}:
            address = address_from(entry["setting"])
            if not isinstance(address, NicAddress) or address in values:
                raise ValueError(f"{address}: not a setting of an interface, or there twice")
            values[address] = value
        elif entry.keys() == {"interrupt", "value"}:
            irq, vector = _vector_from(as_object(entry["interrupt"]))
            if irq in interrupts:
                raise ValueError(f"interrupt {irq} is there twice")
            interrupts[irq] = vector, value
        else:
            raise ValueError("an entry that is neither a setting nor an interrupt")
    devices = {
        _nic(name): _device_from(as_object(device))
        for name, device in as_object(fields["devices"]).items()
    }
    return Settings(values, interrupts, devices)


def is_device(device: Device) -> bool:
    """Whether it can be told from others, in a form that `from_file` takes."""
    return (device.mac is not None or device.bus is not None) and (
        (device.mac is None or _MAC.fullmatch(device.mac) is not None)
        and (device.bus is None or _BUS.fullmatch(device.bus) is not None)
    )


def _vector_data(irq: int, vector: Vector) -> dict[str, Any]:
    return {
        "irq": irq,
        "nic": vector.nic,
        "position": vector.position,
        "count": vector.count,
        "name": vector.name,
    }


def _vector_from(fields: dict[str, Any]) -> tuple[int, Vector]:
    if fields.keys() != {"irq", "nic", "position", "count", "name"}:
        raise ValueError("not an interrupt")
    name = fields["name"]
    if type(name) is not str or len(name) > _NAME_MAX:
        raise ValueError("not the name of an interrupt")
    irq = address_from({"irq": fields["irq"]})
    assert isinstance(irq, IrqAddress)
    position, count = natural(fields, "position"), natural(fields, "count")
    return irq.irq, Vector(_nic(fields["nic"]), position, count, name)


def _device_from(fields: dict[str, Any]) -> Device:
    if fields.keys() != {"mac", "bus"} or not all(
        value is None or type(value) is str for value in fields.values()
    ):
        raise ValueError("not a device")
    device = Device(fields["mac"], fields["bus"])
    if not is_device(device):
        raise ValueError("not a device")
    return device


def _nic(name: Any) -> str:
    """The name, which has to be one that an interface could have."""
    address = address_from({"nic": name, "property": ["mtu"]})
    assert isinstance(address, NicAddress)
    return address.nic


def _json(data: Any) -> str:
    return json.dumps(data, separators=(",", ":"))
