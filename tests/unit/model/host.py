"""A machine: attempt directories on its disk, trees in its memory, a supervisor that watches the leases."""

from dataclasses import dataclass, field
from typing import Any

from runyard.domain.jobs.attempt import Ending, Outcome
from runyard.domain.jobs.ids import AttemptRef

from .judge import Judge, written
from .messages import Cancel, Fact, Facts, Forget, Hello, Poll, Renewed, Start, Trim, Void, Welcome
from .rules import GRACE, WINDOW, Rules


@dataclass
class Tree:
    """The processes of one attempt. It writes a byte a second and does not care about TERM."""

    ref: AttemptRef
    left: int
    code: int
    size: int = 0
    kill_at: float | None = None
    ending: Ending | None = None


@dataclass
class Directory:
    """`kind`: started, void, recorded or broken. All of it is on disk."""

    kind: str
    boot: str
    created: float
    base: float = 0.0
    fence: int = 0
    trimmed: int = 0
    size: int = 0
    outcome: Outcome | None = None
    forgotten: bool = False


@dataclass
class Host:
    """`remote`: attempts have a lease; else the runner is local and nothing ends them for want of a driver."""

    name: str
    remote: bool
    rules: Rules
    judge: Judge
    boots: int = 1
    boottime: float = 0.0
    frozen: bool = False
    supervised: bool = True
    disk: dict[AttemptRef, Directory] = field(default_factory=dict)
    trees: list[Tree] = field(default_factory=list)
    hellos: dict[str, float] = field(default_factory=dict)

    @property
    def boot(self) -> str:
        return f"{self.name}/{self.boots}"

    def running(self) -> list[Tree]:
        return [] if self.frozen else self.trees

    # --- time ---

    def tick(self) -> None:
        """A second passes. A frozen machine misses it, but its boot-time clock does not."""
        self.boottime += 1
        if self.frozen:
            return
        if not self.supervised:
            self._succeed()
        for tree in list(self.trees):
            self._watch(tree)
            if tree in self.trees:
                self._work(tree)

    def _watch(self, tree: Tree) -> None:
        if self.remote:
            end = self.disk[tree.ref].base + self.rules.lease - self.rules.margin
            if self.boottime >= end and self.rules.late_kill:
                self._ask_to_end(tree, Ending.DEADMAN, grace=0)
            elif self.boottime >= end - GRACE:
                self._ask_to_end(tree, Ending.DEADMAN, grace=GRACE)
        if tree.kill_at is not None and self.boottime >= tree.kill_at:
            self.judge.deadman += tree.ending is Ending.DEADMAN
            self._record(tree, Outcome(ending=tree.ending or Ending.SIGNAL, signal=9, tree_empty=True))

    def _ask_to_end(self, tree: Tree, ending: Ending, *, grace: float) -> None:
        if tree.kill_at is None or grace == 0:
            tree.kill_at = self.boottime + grace
            tree.ending = tree.ending or ending

    def _work(self, tree: Tree) -> None:
        tree.left, tree.size = tree.left - 1, tree.size + 1
        self.disk[tree.ref].size = tree.size
        if tree.left <= 0:
            self.judge.exits[tree.ref] = tree.code
            self._record(tree, Outcome(ending=Ending.EXIT, exit_code=tree.code, tree_empty=True))

    def _record(self, tree: Tree, outcome: Outcome) -> None:
        self.trees.remove(tree)
        directory = self.disk[tree.ref]
        directory.kind = "recorded"
        directory.outcome = Outcome(
            ending=outcome.ending,
            exit_code=outcome.exit_code,
            signal=outcome.signal,
            tree_empty=True,
            log_size=directory.size,
        )

    # --- faults ---

    def reboot(self) -> None:
        """Power off and on: trees and hellos are gone, the disk stays, the boot-time clock begins anew."""
        self.boots, self.boottime, self.frozen = self.boots + 1, 0.0, False
        self.trees.clear()
        self._succeed()

    def lose_disk(self) -> None:
        """Power loss before an owner record was synced."""
        self.disk.clear()
        self.reboot()

    def _succeed(self) -> None:
        """A new supervisor: strays are killed; what has an owner but no outcome is broken, a record stays."""
        self.supervised = True
        self.hellos.clear()
        self.trees.clear()
        for directory in self.disk.values():
            if directory.kind == "started" or (directory.kind == "recorded" and not self.rules.record_first):
                directory.kind, directory.outcome = "broken", None

    # --- messages ---

    def answer(self, message: Any) -> Any:
        match message:
            case Hello():
                return self._welcome()
            case Start():
                return self._start(message)
            case Void(ref=ref):
                self.disk.setdefault(ref, Directory("void", self.boot, self.boottime))
                return Facts(self.boot, self.boottime, {ref: self._fact(ref, 0)}, frozenset())
            case Poll(offsets=offsets):
                facts = {ref: self._fact(ref, offset) for ref, offset in offsets.items()}
                held = frozenset(ref for ref, directory in self.disk.items() if not directory.forgotten)
                return Facts(self.boot, self.boottime, facts, held)
            case Renewed(ref=ref, boot=boot, stamp=stamp):
                self._renewed(ref, boot, stamp)
            case Trim(ref=ref, offset=offset) if ref in self.disk:
                self.disk[ref].trimmed = max(self.disk[ref].trimmed, offset)
            case Forget(ref=ref):
                self._forget(ref)
            case Cancel(ref=ref):
                for tree in [tree for tree in self.trees if tree.ref == ref]:
                    self._ask_to_end(tree, Ending.SIGNAL, grace=GRACE)
        return None

    def _welcome(self) -> Welcome:
        nonce = f"{self.boot}/{len(self.hellos)}/{self.boottime}"
        self.hellos[nonce] = self.boottime
        return Welcome(nonce, self.boot, self.boottime)

    def _start(self, start: Start) -> None:
        self._purge()
        known = self.disk.get(start.ref)
        if known is not None and (self.rules.excl or known.kind == "void"):
            return
        stamp = self.hellos.get(start.welcome.nonce)
        if self.rules.window and (stamp is None or self.boottime - stamp > WINDOW):
            self.disk[start.ref] = Directory("void", self.boot, self.boottime)
            return
        base = self.boottime if stamp is None else stamp
        self.disk[start.ref] = Directory("started", self.boot, self.boottime, base=base, fence=start.fence)
        self.trees.append(Tree(start.ref, left=start.duration, code=start.code))
        self.judge.execution(start.ref, self.name)

    def _fact(self, ref: AttemptRef, asked: int) -> Fact:
        directory = self.disk.get(ref)
        if directory is None or directory.forgotten:
            return Fact("absent", self.boot)
        offset = max(asked, directory.trimmed)
        data = written(ref, offset, directory.size)
        return Fact(directory.kind, directory.boot, directory.fence, offset, data, directory.outcome)

    def _renewed(self, ref: AttemptRef, boot: str, stamp: float) -> None:
        directory = self.disk.get(ref)
        if directory is not None and boot == self.boot:
            directory.base = max(directory.base, stamp if self.rules.base_sent else self.boottime)

    def _forget(self, ref: AttemptRef) -> None:
        directory = self.disk.get(ref)
        if directory is None:
            return
        self.trees = [tree for tree in self.trees if tree.ref != ref]
        directory.forgotten = True
        directory.kind = "broken" if directory.kind == "started" else directory.kind
        self._purge()

    def _purge(self) -> None:
        """A tombstone goes when no start can be under way to it any more."""
        for ref, directory in list(self.disk.items()):
            over = directory.boot != self.boot or self.boottime - directory.created > WINDOW
            if directory.forgotten and (over or not self.rules.purge_wait):
                del self.disk[ref]
