"""A batch in your own program: twenty jobs over twenty files, and what came of them. Needs `runyard[server]`.

    python examples/batch.py

Every job is its own process, supervised; it would be taken up again if this program died.
"""

import sys
import sysconfig
import tempfile
from pathlib import Path

import runyard

COUNT_WORDS = """
import json, os, sys
words = len(open(sys.argv[1], errors="replace").read().split())
print(f"{words} words")
with open(os.environ["RUNYARD_REPORT"], "a") as report:
    report.write(json.dumps({"result": {"words": words}}) + "\\n")
"""


def main() -> int:
    files = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))[:20]
    with tempfile.TemporaryDirectory() as folder, runyard.embedded(folder, slots=4) as yard:
        submitted = [
            yard.submit([sys.executable, "-c", COUNT_WORDS, str(file)], name=file.name, run_timeout=60)
            for file in files
        ]
        finished = [yard.wait(job, timeout=120) for job in submitted]
        for job in finished:
            output = b"".join(yard.logs(job)).decode().strip()
            print(f"{job.name:<44}{job.state:<12}exit code {job.exit_code}   {output}")
        total = sum(job.result["words"] for job in finished if job.succeeded)
        print(f"{total} words in {len(finished)} files")
    return 0 if all(job.succeeded for job in finished) else 1


if __name__ == "__main__":
    sys.exit(main())
