"""The resident supervisor: the program beside the processes, one per host, runner and run user.

Standard library only, Python 3.8 or newer on the target, relative imports only: `bundle.py` joins
these modules to one text, whose hash names it, and `main.py` runs it:
`python -I -S supd-HASH.py serve DIR` (the supervisor), `python -I -S supd-HASH.py guard DIR` (the guard).

The directory (0700, one per run user) holds `sock`, `lock` (flocked as long as the supervisor lives),
`err`, `journal.N` (newest record of every attempt), `reserve` (room for the ends of attempts, should the disk be full),
`o/NAME.OFFSET` (output segments), `a/` (scripts, reports), and what the guard reads. Secrets are in none of these: they
pass through the memory of the supervisor, and those that a job wants as files lie in memory too (`secret_files.py`).
An attempt's key is `JOBID/NUMBER`, its NAME has a dot instead.

Guard protocol
--------------
All integers little endian; times are CLOCK_BOOTTIME in nanoseconds; the files are mapped by the
supervisor and read by others with plain reads. They stay after its death, for its successor's sweep.

`alive`, 64 bytes: magic `RYALIVE1`, pid u64, beat u64, started u64 (both times), level 16 bytes (the containment's
name, NUL padded), 16 reserved. `beat` moves at least once a second. pid 0: the supervisor left of its
own will and nothing of it runs; a guard that reads this exits. A guard also exits when `pid` or
`started` is not the one it was started under: the next supervisor has its own.

`live`, slots of 128 bytes, the file only grows: length u8 (0: free slot), 7 pad, pid u64, spawned u64
(just before the spawn; a process of that pid that began more than 2 s off is another one), kill_at u64
(0: never; else the dead man's KILL, to be enforced by the guard itself), key 96 bytes. A slot is taken,
with pid 0, before the containment is entered; the pid follows right after the spawn, so a dead supervisor
may leave a slot without pid whose tree exists. A slot is freed when the tree was ended.
The length byte is written last when a slot is taken and first when it is freed.

`cgroup`, written by the containment: the parents of this directory's cgroups, NUL between them, so that guard and
successor find them wherever they stand themselves. Every attempt also wears a mark, see `marks`.

The supervisor spawns the guard in a session of its own, descriptors on /dev/null, cwd DIR, and runs
`guard.main(directory)`; it starts another one if the guard ends while attempts live. Before a guard
kills trees, it makes sure that the supervisor is dead (flock of `lock` is free, or it kills it first).
"""
