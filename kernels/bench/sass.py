"""Counts what proves each variant of the embedding bag to be what its name says.

    python3 kernels/bench/sass.py CUBIN            prints the counts, for kernels/sass.txt
    python3 kernels/bench/sass.py CUBIN --check    compares them with kernels/sass.txt

Needs cuobjdump. An entry's line: the most loads as wide as what a thread has of a row that stand
before an addition of floats (where four ids come by one load, that is as wide too), loads and stores
of local memory, asynchronous copies to shared memory, prefetches to L1, and to L2 to be kept there.

The first line is a hash of the variants' fingerprints: when those change, count again.
"""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

KERNELS = Path(__file__).parent.parent
HEADER = "entry loads-before-add local-loads local-stores async-copies prefetch-L1 prefetch-L2"


def instructions(cubin):
    """entry -> its instructions, in their order."""
    text = subprocess.run(["cuobjdump", "--dump-sass", cubin], capture_output=True, text=True,
                          check=True).stdout
    return parse(text)


def parse(text):
    entries, mine = {}, None
    for line in text.splitlines():
        start = re.search(r"Function : (\S+)", line)
        if start:
            mine = entries.setdefault(start.group(1), [])
        found = re.match(r"\s+/\*[0-9a-f]+\*/\s+(?:@!?U?P\w+\s+)?([A-Z0-9_.]+)([^;]*);", line)
        if found and mine is not None:
            mine.append((found.group(1), found.group(2)))
    return entries


def counts(entry, code):
    """What HEADER says, without the entry."""
    one_element = not entry.startswith(("tbe_", "range_"))
    row_load = ("LDG.E.128.CONSTANT" if not one_element else
                "LDG.E.CONSTANT" if entry.endswith("f32") else "LDG.E.U16.CONSTANT")
    together = most = 0
    for opcode, _ in code:
        if opcode == row_load:
            together += 1
        elif opcode.startswith(("FADD", "FFMA")):
            most, together = max(most, together), 0

    def count(*prefixes):
        return sum(opcode.startswith(prefixes) for opcode, _ in code)

    return [most, count("LDL"), count("STL"), count("LDGSTS"), count("CCTL.E.PF1"),
            count("CCTL.E.PML2")]


def fingerprints():
    lines = (KERNELS / "fingerprints.txt").read_text().splitlines(keepends=True)
    mine = "".join(line for line in lines if line.startswith("variants/sm_90a "))
    return "fingerprints " + hashlib.sha256(mine.encode()).hexdigest()


def main():
    lines = [fingerprints(), HEADER] + [" ".join(map(str, [entry, *counts(entry, code)]))
                        for entry, code in sorted(instructions(sys.argv[1]).items())]
    if "--check" not in sys.argv:
        print("\n".join(lines))
        return
    listed = (KERNELS / "sass.txt").read_text().splitlines()
    different = sorted(set(listed) ^ set(lines))
    print("\n".join(different) or f"sass: {len(lines) - 2} entries agree")
    sys.exit(bool(different))


if __name__ == "__main__":
    main()
