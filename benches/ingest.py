#!/usr/bin/env python3
"""How fast logs are indexed, and how much memory that takes, beside peers on the same bytes.

    benches/ingest.py LOGLOOM CORPUS... [--rounds 3]

LOGLOOM is the binary to measure. A corpus is a directory of logs or an archive; of an archive
only logloom is measured, since the peers would see the packed bytes. In each round, one after the other on warm files: `logloom index` into a
fresh store, `zstd -1 -T1` over the same bytes, and `rg -c` (ripgrep) for a word that stands
nowhere, where these are installed. Prints a table in Markdown: medians, with the spread, and how
much each did in a second of processor time, which a busy machine changes least. What the store takes
is put beside what `gzip -6` makes of the same bytes.
"""
import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time


def measured(command, **options):
    """Wall seconds, peak resident bytes and processor seconds of a command."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)
    stderr = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit(f"{' '.join(command)} failed: {stderr.decode(errors='replace')}")
    return time.monotonic() - begin, usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime


def files_below(path):
    if os.path.isfile(path):
        return [path]
    return sorted(os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names)


def size_of(folder):
    return sum(os.path.getsize(name) for name in files_below(folder))


def raw_bytes(corpus):
    """Bytes of log: of an archive, what is in it."""
    if corpus.endswith((".tar.gz", ".tgz")):
        listing = subprocess.run(["tar", "-tvzf", corpus], check=True, capture_output=True, text=True)
        rows = [row.split() for row in listing.stdout.splitlines()]
        return sum(int(row[2]) for row in rows if "/logs/" in row[5])
    return sum(os.path.getsize(name) for name in files_below(corpus))


def run_round(logloom, corpus, results):
    store = tempfile.mkdtemp(prefix="logloom-bench-")
    shutil.rmtree(store)
    extra = ["--include", "**/logs/**"] if os.path.isfile(corpus) else []
    results["logloom index"].append(measured([logloom, "index", "-q", "--store", store, *extra, corpus]))
    results["store bytes"].append(size_of(store))
    shutil.rmtree(store)
    if os.path.isfile(corpus):
        return  # the peers would see the packed bytes
    files = files_below(corpus)
    if shutil.which("zstd"):
        pipe = f"cat {' '.join(map(shell_quoted, files))} | zstd -1 -T1 -q > /dev/null"
        results["zstd -1 -T1"].append(measured(["sh", "-c", pipe]))
    if shutil.which("rg"):
        results["rg -j1 -c (no hit)"].append(measured(["rg", "-j1", "-c", "-z", "no such words here", *files]))


def shell_quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def table(corpus, results):
    size = raw_bytes(corpus)
    print(f"\n`{os.path.basename(corpus.rstrip('/'))}`: {size / 1e6:,.0f} MB of log\n")
    print("| what | MB/s | spread | MB per processor second | peak memory |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name, runs in results.items():
        if not runs or name == "store bytes":
            continue
        seconds = sorted(run[0] for run in runs)
        rate = size / 1e6 / statistics.median(seconds)
        low, high = size / 1e6 / seconds[-1], size / 1e6 / seconds[0]
        memory = max(run[1] for run in runs) / 1e6
        busy = size / 1e6 / statistics.median(run[2] for run in runs)
        print(f"| `{name}` | {rate:,.0f} | {low:,.0f} to {high:,.0f} | {busy:,.0f} | {memory:,.0f} MB |")
    share = statistics.median(results["store bytes"]) / size
    print(f"\nThe store takes {share:.3f} of the raw bytes.")
    if os.path.isdir(corpus) and shutil.which("gzip"):
        packed = gzipped_bytes(corpus)
        print(f"`gzip -6` makes {packed / size:.3f} of them; the store is {share * size / packed:.2f} times that.")


def gzipped_bytes(corpus):
    """How many bytes `gzip -6` makes of all files together."""
    pipe = f"cat {' '.join(map(shell_quoted, files_below(corpus)))} | gzip -6 | wc -c"
    return int(subprocess.run(["sh", "-c", pipe], check=True, capture_output=True, text=True).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logloom")
    parser.add_argument("corpus", nargs="+")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    version = subprocess.run([arguments.logloom, "--version"], capture_output=True, text=True).stdout.strip()
    print(f"{version}; {os.cpu_count()} cores, {platform.machine()}, {platform.system()} {platform.release()}")
    for corpus in arguments.corpus:
        for name in files_below(corpus):
            with open(name, "rb") as file:
                while file.read(1 << 20):
                    pass
        results = {name: [] for name in ("logloom index", "zstd -1 -T1", "rg -j1 -c (no hit)", "store bytes")}
        for _ in range(arguments.rounds):
            run_round(arguments.logloom, corpus, results)
        table(corpus, results)


if __name__ == "__main__":
    main()
