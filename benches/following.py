#!/usr/bin/env python3
"""How fast, how fair and how frugal `logloom tail` follows. Each part is one command:

    benches/following.py target/release/logloom latency      # from writing to showing, at 20 MB/s
    benches/following.py target/release/logloom throughput   # a gigabyte that is there already
    benches/following.py target/release/logloom fair         # one fast file beside thousands of slow ones
    benches/following.py target/release/logloom idle         # thousands of quiet files, 256 descriptors
    benches/following.py target/release/logloom memory       # a quarter of an hour at 2 MB/s
    benches/following.py target/release/logloom gigantic     # a line, and a hole, of 1 GiB
"""

import argparse
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

TICKS = os.sysconf("SC_CLK_TCK")


class Tail:
    """A follower, and what it costs."""

    def __init__(self, program, base, arguments=(), out=subprocess.DEVNULL, descriptors=None):
        command = [program, "tail", base / "logs", "--store", base / "store", "-q", *arguments]
        limit = (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors,) * 2)) if descriptors else None
        self.process = subprocess.Popen(command, stdout=out, preexec_fn=limit)
        self.folder = pathlib.Path(f"/proc/{self.process.pid}")

    def seconds(self):
        fields = (self.folder / "stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def status(self, name):
        lines = (self.folder / "status").read_text().splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith(name))) / 1024

    def descriptors(self):
        return len(list((self.folder / "fd").iterdir()))

    def read(self):
        """Bytes that it has read so far."""
        lines = (self.folder / "io").read_text().splitlines()
        return int(lines[0].split()[1])

    def stop_and_keep(self):
        """Ends it; what it used is in `used`."""
        self.process.send_signal(signal.SIGTERM)
        _, _, self.used = os.wait4(self.process.pid, 0)
        self.process.returncode = 0

    def stop(self):
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)
        return time.monotonic() - begun


def line(number):
    """A line with the time at which it was written, of about 150 bytes."""
    now = time.time_ns()
    seconds, rest = divmod(now, 1_000_000_000)
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return (
        f"{moment}.{rest:09d}Z INFO order {number} taken trace_id={number // 8 + 1:032x} "
        f"user=u{number % 997} sent={now} took={number % 90} ms\n"
    )


def write(files, rate, seconds):
    """Writes lines to files in turn, so many bytes a second; how many lines."""
    begun, written, number = time.monotonic(), 0, 0
    while (passed := time.monotonic() - begun) < seconds:
        if written > passed * rate:
            time.sleep(0.001)
            continue
        block = "".join(line(number + step) for step in range(16)).encode()
        files[number // 16 % len(files)].write(block)
        number += 16
        written += len(block)
    return number, written / (time.monotonic() - begun)


def opened(folder, count):
    return [open(folder / f"{number:05d}.log", "ab", buffering=0) for number in range(count)]


def latency(options, base):
    """Every line is shown; its own time says when it was written."""
    files = opened(base / "logs", 20)
    tail = Tail(options.logloom, base, ["--format", "ndjson"], subprocess.PIPE)
    lags = []

    def listen():
        for row in tail.process.stdout:
            at = row.find(b"sent=")
            sent = row[at + 5 : at + 24]
            if sent.isdigit():
                lags.append((time.time_ns() - int(sent)) / 1e6)

    listener = threading.Thread(target=listen)
    listener.start()
    time.sleep(3)
    feeder = subprocess.run(
        [sys.executable, __file__, options.logloom, "write", "--seconds", str(options.seconds),
         "--rate", str(options.rate), "--into", base / "logs"], check=True, capture_output=True, text=True)
    time.sleep(5)
    cost = tail.seconds()
    tail.stop()
    listener.join()
    lags.sort()
    place = lambda share: lags[min(len(lags) - 1, int(len(lags) * share))]
    print(f"{feeder.stdout.strip()}; {len(lags)} lines seen; p50 {place(0.5):.0f} ms, p99 {place(0.99):.0f} ms, "
          f"longest {lags[-1]:.0f} ms; {cost:.1f} s of processor time")


def feed(options, _):
    files = opened(options.into, 20)
    number, rate = write(files, options.rate * 1e6, options.seconds)
    print(f"{number} lines written at {rate / 1e6:.1f} MB/s")


def throughput(options, base):
    with open(base / "logs/a.log", "wb") as log:
        block = "".join(line(number) for number in range(200_000)).encode()
        for _ in range(options.megabytes * 1_000_000 // len(block)):
            log.write(block)
    size = (base / "logs/a.log").stat().st_size
    parts = {
        "kept": ["--query", "absentabsent"],
        "kept and shown": [],
        "kept and put together": ["--watch", options.nothing],
    }
    for name, arguments in parts.items():
        shutil.rmtree(base / "store", ignore_errors=True)
        begun = time.monotonic()
        tail = Tail(options.logloom, base, arguments)
        while tail.read() < size:
            time.sleep(0.05)
        tail.stop_and_keep()
        wall = time.monotonic() - begun
        used = tail.used
        print(f"{name}: {size / 1e6:.0f} MB in {wall:.1f} s, {size / 1e6 / wall:.0f} MB/s; "
              f"{used.ru_utime + used.ru_stime:.1f} s of processor time, {used.ru_maxrss / 1024:.0f} MB at most",
              flush=True)


def fair(options, base):
    """Thousands of files get a line each second; how late each is seen beside a fast one."""
    files = opened(base / "logs", options.files)
    fast = open(base / "logs/fast.log", "ab", buffering=0)
    tail = Tail(options.logloom, base, ["--query", "slow", "--format", "ndjson"], subprocess.PIPE, 256)
    lags = []

    def listen():
        for row in tail.process.stdout:
            at = row.find(b"sent=")
            if row[at + 5 : at + 24].isdigit():
                lags.append((time.time_ns() - int(row[at + 5 : at + 24])) / 1e6)

    listener = threading.Thread(target=listen)
    listener.start()
    time.sleep(10)
    block = "".join(line(number) for number in range(8_000)).encode()
    begun, written, number = time.monotonic(), 0, 0
    most = 0
    while (passed := time.monotonic() - begun) < options.seconds:
        if written <= passed * 200e6:
            fast.write(block)
            written += len(block)
        # Each slow file has a line every few seconds.
        for _ in range(options.files // 400):
            files[number % len(files)].write(f"slow {line(number)}".encode())
            number += 1
        most = max(most, tail.descriptors())
        if fast.tell() > 2_000_000_000:
            os.truncate(fast.fileno(), 0)
        time.sleep(0.005)
    rate = written / (time.monotonic() - begun)
    time.sleep(3)
    read = tail.read()
    tail.stop()
    listener.join()
    lags.sort()
    place = lambda share: lags[min(len(lags) - 1, int(len(lags) * share))]
    print(f"fast file: {rate / 1e6:.0f} MB/s written, {read / 1e6 / options.seconds:.0f} MB/s read; "
          f"{number} lines in {options.files} slow files, {len(lags)} seen: p50 {place(0.5):.0f} ms, "
          f"p99 {place(0.99):.0f} ms, longest {lags[-1]:.0f} ms; {most} descriptors at most")


def idle(options, base):
    files = opened(base / "logs", options.files)
    for number, file in enumerate(files):
        file.write(line(number).encode())
    tail = Tail(options.logloom, base, descriptors=256)
    time.sleep(60)
    before = tail.seconds()
    time.sleep(options.seconds)
    used = (tail.seconds() - before) / options.seconds
    print(f"{options.files} quiet files: {used * 100:.2f} % of a core, {tail.descriptors()} descriptors, "
          f"{tail.status('VmRSS'):.0f} MB")
    print(f"ended in {tail.stop():.1f} s")


def memory(options, base):
    files = opened(base / "logs", 20)
    tail = Tail(options.logloom, base, ["--requests"])
    begun, sizes, total = time.monotonic(), [], 0
    while time.monotonic() - begun < options.seconds:
        total += write(files, 2e6, 30)[0]
        for file in files:
            if file.tell() > 20_000_000:
                os.truncate(file.fileno(), 0)
        segments = len(list((base / "store/index").glob("*.store")))
        sizes.append(f"{tail.status('VmRSS'):.0f}/{segments}")
    print(f"{total} lines; MB held / segments each half minute: {' '.join(sizes)}")
    print(f"ended in {tail.stop():.1f} s")


def gigantic(options, base):
    log = open(base / "logs/a.log", "ab", buffering=0)
    log.write(b"one\n")
    tail = Tail(options.logloom, base, ["--format", "ndjson"], subprocess.PIPE)
    time.sleep(2)
    begun = time.monotonic()
    for _ in range(1024):
        log.write(b"x" * (1 << 20))
    log.write(b"\nafter the line\n")
    wait_for(tail, b"after the line")
    print(f"a line of 1 GiB: {time.monotonic() - begun:.1f} s, {tail.status('VmHWM'):.0f} MB at most")
    size = log.tell() + (1 << 30)
    begun = time.monotonic()
    os.truncate(log.fileno(), size)
    os.lseek(log.fileno(), 0, os.SEEK_END)
    log.write(b"after the hole\n")
    wait_for(tail, b"after the hole")
    print(f"a hole of 1 GiB: {time.monotonic() - begun:.1f} s, {tail.status('VmHWM'):.0f} MB at most")
    tail.stop()


def wait_for(tail, text):
    for row in tail.process.stdout:
        if text in row[-4096:]:
            return


def main():
    parts = {"latency": latency, "throughput": throughput, "fair": fair, "idle": idle, "memory": memory,
             "gigantic": gigantic, "write": feed}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logloom", type=os.path.abspath)
    parser.add_argument("part", choices=parts)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--rate", type=float, default=20, help="megabytes a second")
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--into", type=pathlib.Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part == "write":
        return feed(options, None)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(20_000, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    base = pathlib.Path(tempfile.mkdtemp(prefix="following-"))
    (base / "logs").mkdir()
    options.nothing = base / "nothing.toml"
    options.nothing.write_text('[alert.none]\nabout = "Never"\nquery = "absentabsent"\n')
    try:
        return parts[options.part](options, base)
    finally:
        shutil.rmtree(base)


if __name__ == "__main__":
    sys.exit(main())
