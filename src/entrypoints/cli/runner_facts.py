"""What there is to say of one runner."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ..client.runners import Runner


def facts(runner: Runner) -> Iterable[tuple[str, Any]]:
    """All that is known of it and not empty, by name."""
    found = {
        "id": runner.id,
        "name": runner.name,
        "kind": runner.kind,
        "state": runner.state,
        "work": "drained" if runner.drained else runner.availability,
        "since": iso(runner.since),
        "until": iso(runner.until),
        "note": runner.note,
        "slots": runner.slots,
        "busy": runner.busy,
        "queues": ",".join(runner.queues),
        "labels": labelled(runner),
        "project": runner.project,
        "shared with": ",".join(runner.shared_with),
        "owners": ",".join(runner.owners),
        "driver": runner.driver,
        "driven since": iso(runner.driven_since),
        "heard": iso(runner.heard_at),
        "takes nothing": _since(runner.refuses),
        **_way(runner),
        **_machine(runner),
    }
    return [(name, value) for name, value in found.items() if value not in (None, "")]


def _way(runner: Runner) -> dict[str, Any]:
    if runner.ssh is None:
        return {}
    at, trouble, checked = runner.ssh, runner.trouble, runner.checked
    return {
        "reached at": f"{at['user']}@{at['host']} port {at['port']}",
        "by": _by(at["key"]),
        "host keys": ", ".join(f"{key['type']} {key['fingerprint']}" for key in at["host_keys"]),
        "work root": at["work_root"],
        "trouble": _since(trouble),
        "checked": checked and f"{checked['at']}: {'fit' if checked['fit'] else 'not fit'}",
    }


def _machine(runner: Runner) -> dict[str, Any]:
    if runner.agent is None:
        return {}
    agent = runner.agent
    known, alarm = agent["facts"] or {}, agent["alarm"]
    system = " ".join(str(known[name]) for name in ("system", "release", "architecture") if known.get(name))
    return {
        "registered": agent["registered_at"] or "no: its machine has not come yet",
        "machine": known.get("hostname"),
        "system": system,
        "cpus": known.get("cpus") and f"{known['cpus']} {known['cpu_model']}".strip(),
        "memory": _of(agent["memory_free"], known.get("memory_bytes")),
        "disk": _of(agent["disk_free"], known.get("disk_bytes")),
        "gpus": ", ".join(known.get("gpus", ())),
        "addresses": ", ".join(known.get("addresses", ())),
        "agent": known.get("agent_version"),
        "facts": " ".join(f"{name}={value}" for name, value in sorted(agent["labels"].items())),
        "alarm": alarm and f"{alarm['why']} ({alarm['at']})",
    }


def _since(trouble: Mapping[str, Any] | None) -> str | None:
    return None if trouble is None else f"{trouble['why']} (since {trouble['since']})"


def _of(free: int | None, whole: int | None) -> str | None:
    if whole is None:
        return None
    return f"{whole >> 20} MiB" if free is None else f"{free >> 20} MiB free of {whole >> 20} MiB"


def _by(key: Mapping[str, Any]) -> str:
    kept = key.get("kept")
    if kept:
        return f"kept {kept['kind']} {kept['fingerprint'] or ''}".strip()
    return str(key["file"] or "ssh-agent")


def labelled(runner: Runner) -> str:
    """Its labels on a line."""
    return " ".join(f"{name}={value}" for name, value in sorted(runner.labels.items()))


def iso(moment: datetime | None) -> str | None:
    """A moment for programs and people."""
    return moment.isoformat().replace("+00:00", "Z") if moment else None
