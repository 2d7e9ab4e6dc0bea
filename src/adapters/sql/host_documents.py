"""What is kept of a runner's host, as text that the database never looks into."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ...domain.runners.check import Finding, HostCheck, Verdict
from ...domain.runners.logins import KeptKind, KeptLogin
from ...domain.runners.ssh import HostKey, SshLogin, SshTarget
from ...domain.runners.trouble import Trouble
from .documents import document


def target_document(target: SshTarget | None) -> str | None:
    return None if target is None else document(asdict(target))


def target_of(text: str | None) -> SshTarget | None:
    if text is None:
        return None
    whole = json.loads(text)
    keys = tuple(HostKey(**key) for key in whole["host_keys"])
    return SshTarget(**whole | {"login": _login_of(whole["login"]), "host_keys": keys})


def _login_of(whole: Mapping[str, Any]) -> SshLogin:
    kept = whole.get("kept")
    told = kept and KeptLogin(kind=KeptKind(kept["kind"]), fingerprint=kept["fingerprint"], version=kept["version"])
    return SshLogin(key_file=whole["key_file"], agent=whole["agent"], kept=told)


def trouble_document(trouble: Trouble | None) -> str | None:
    return None if trouble is None else document([trouble.why, trouble.since.isoformat()])


def trouble_of(text: str | None) -> Trouble | None:
    if text is None:
        return None
    why, since = json.loads(text)
    return Trouble(why, datetime.fromisoformat(since))


def check_document(check: HostCheck | None) -> str | None:
    if check is None:
        return None
    findings = [[finding.name, finding.verdict.value, finding.told] for finding in check.findings]
    return document({"at": check.at.isoformat(), "cores": check.cores, "findings": findings})


def check_of(text: str | None) -> HostCheck | None:
    if text is None:
        return None
    whole = json.loads(text)
    findings = tuple(Finding(name, Verdict(verdict), told) for name, verdict, told in whole["findings"])
    return HostCheck(datetime.fromisoformat(whole["at"]), findings, whole["cores"])
