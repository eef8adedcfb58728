#!/usr/bin/env python3
"""Writes numbered lines, rotates them in every usual way, kills the follower at random
moments, and counts what was lost, doubled or mangled. The truth is known: every number
that was written, once.

    benches/rotation.py target/release/logloom                     # the short form, some seconds
    benches/rotation.py target/release/logloom --rotations 2000 --peers   # the long one

Peers (`tail -F`, rsyslog's imfile) follow the same bytes in the same run. They are not killed:
what they lose, they lose undisturbed.
"""

import argparse
import collections
import gzip
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

KINDS = ["rename", "copytruncate", "compress", "mixed", "logrotate", "copytruncate-unpaused"]
LINES_PER_ROTATION = 200


class Writer:
    """A program that writes to one log and rotates it."""

    def __init__(self, directory, kind, rng):
        self.path = directory / "app.log"
        self.directory, self.kind, self.rng = directory, kind, rng
        self.number = self.rotations = 0
        self.file = open(self.path, "ab", buffering=0)
        self.state = directory.parent / "logrotate.state"
        self.settings = directory.parent / "logrotate.conf"
        self.settings.write_text(
            f'"{self.path}" {{\n  rotate 100000\n  size 1\n  missingok\n  su root root\n'
            "  create 0644 root root\n  compress\n  delaycompress\n}\n"
        )

    def write(self, lines=LINES_PER_ROTATION):
        block = bytearray()
        for _ in range(lines):
            filler = "x" * self.rng.randrange(0, 120)
            block += f"line {self.number:09d} {filler} end\n".encode()
            self.number += 1
            if len(block) > 4096:
                # Programs flush where their buffer is full, in the middle of a line.
                self.file.write(bytes(block[:4096]))
                del block[:4096]
        self.file.write(bytes(block))

    def rotate(self):
        self.rotations += 1
        kind = self.kind
        if kind == "mixed":
            kind = self.rng.choice(["rename", "copytruncate", "compress"])
        aside = self.directory / f"app.log.{self.rotations}"
        if kind in ("rename", "compress"):
            os.rename(self.path, aside)
            # The writer is told later, and writes to the old file until then.
            self.write(20)
            self.file.close()
            self.file = open(self.path, "ab", buffering=0)
            if kind == "compress":
                self.compress(aside)
        elif kind == "copytruncate":
            shutil.copyfile(self.path, aside)
            os.truncate(self.path, 0)
        elif kind == "copytruncate-unpaused":
            with open(self.path, "rb") as source, open(aside, "wb") as copy:
                copy.write(source.read())
                self.write(5)
            os.truncate(self.path, 0)
        else:
            command = ["logrotate", "-f", "-s", self.state, self.settings]
            subprocess.run(command, check=True)
            self.file.close()
            self.file = open(self.path, "ab", buffering=0)

    @staticmethod
    def compress(path):
        packed = path.with_name(path.name + ".gz")
        with open(path, "rb") as source, gzip.open(packed, "wb", compresslevel=1) as target:
            shutil.copyfileobj(source, target)
        os.utime(packed, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
        path.unlink()


class Logloom:
    """The follower under test; killed at random moments."""

    name = "logloom tail"

    def __init__(self, program, directory, rng, kills):
        self.program, self.path, self.rng, self.kills = program, directory / "app.log", rng, kills
        self.store = directory.parent / "store"
        self.killed = 0
        self.messages = open(directory.parent / "messages", "ab")
        self.start()
        # Nothing can be asked of a follower that has never begun.
        deadline = time.monotonic() + 60
        while not self.lines() and time.monotonic() < deadline:
            time.sleep(0.2)
        self.next_kill = time.monotonic() + self.rng.uniform(0.3, 3.0)

    def start(self):
        command = [self.program, "tail", self.path, "--store", self.store, "-q"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=self.messages)
        self.next_kill = time.monotonic() + self.rng.uniform(0.3, 3.0)

    def disturb(self):
        if self.kills and time.monotonic() >= self.next_kill:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.killed += 1
            self.start()

    def stop(self, written):
        """Waits until all is there or nothing comes any more."""
        before, still = -1, 0
        while still < 6 and before < written:
            time.sleep(2)
            count = len(self.lines())
            still = still + 1 if count == before else 0
            before = count
        time.sleep(3)
        self.process.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        self.process.wait(timeout=60)
        self.ended = time.monotonic() - begun
        return self.lines()

    def lines(self):
        command = [self.program, "lines", "*", "--store", self.store, "--format", "ndjson"]
        out = subprocess.run(command, capture_output=True, check=False).stdout
        # What joins lines does not matter here.
        texts = (json.loads(line)["message"] for line in out.splitlines())
        return [part for text in texts for part in text.split("\n")]


class TailF:
    """GNU tail."""

    name = "tail -F"

    def __init__(self, directory):
        self.out = directory.parent / "tail.out"
        command = ["tail", "-n", "+1", "-F", directory / "app.log"]
        self.process = subprocess.Popen(command, stdout=open(self.out, "wb"), stderr=subprocess.DEVNULL)

    def disturb(self):
        pass

    def stop(self, _):
        time.sleep(3)
        self.process.terminate()
        self.process.wait()
        return self.out.read_text(errors="replace").splitlines()


class Rsyslog(TailF):
    """rsyslog with imfile in its mode with events."""

    name = "rsyslog imfile"

    def __init__(self, directory):
        base = directory.parent
        self.out = base / "rsyslog.out"
        settings = base / "rsyslog.conf"
        settings.write_text(
            f'global(workDirectory="{base}")\nmodule(load="imfile" mode="inotify")\n'
            'template(name="raw" type="string" string="%msg%\\n")\n'
            f'input(type="imfile" File="{directory}/app.log" Tag="t" ruleset="out" '
            'reopenOnTruncate="on")\n'
            f'ruleset(name="out") {{ action(type="omfile" file="{self.out}" template="raw") }}\n'
        )
        command = ["rsyslogd", "-n", "-f", settings, "-i", base / "rsyslog.pid"]
        self.out.touch()
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def judge(lines, written):
    """Lost, doubled and mangled lines."""
    numbers, mangled = collections.Counter(), 0
    for line in lines:
        parts = line.split(" ")
        is_whole = len(parts) >= 3 and parts[0] == "line" and parts[-1] == "end"
        if is_whole and len(parts[1]) == 9 and parts[1].isdigit():
            numbers[int(parts[1])] += 1
        else:
            mangled += 1
    lost = sum(1 for number in range(written) if number not in numbers)
    doubled = sum(count - 1 for count in numbers.values())
    return lost, doubled, mangled


def run(kind, options, rng):
    base = pathlib.Path(tempfile.mkdtemp(prefix="rotation-"))
    directory = base / "logs"
    directory.mkdir()
    writer = Writer(directory, kind, rng)
    writer.write(1)
    followers = [Logloom(options.logloom, directory, rng, options.kills)]
    if options.peers:
        followers += [TailF(directory), Rsyslog(directory)]
    begun = time.monotonic()
    for _ in range(options.rotations):
        writer.write()
        time.sleep(rng.uniform(0, options.pause))
        for follower in followers:
            follower.disturb()
        writer.rotate()
    writer.write()
    seconds = time.monotonic() - begun
    failed = False
    for follower in followers:
        lost, doubled, mangled = judge(follower.stop(writer.number), writer.number)
        killed = getattr(follower, "killed", 0)
        print(
            f"| {kind} | {follower.name} | {options.rotations} | {seconds:.0f} s | {writer.number} "
            f"| {killed} | {lost} | {doubled} | {mangled} |"
            + (f" ended in {follower.ended:.1f} s" if hasattr(follower, "ended") else ""),
            flush=True,
        )
        allowed = kind == "copytruncate-unpaused"
        if isinstance(follower, Logloom) and (doubled or mangled or (lost and not allowed)):
            failed = True
    if not failed:
        shutil.rmtree(base)
    else:
        print(f"what was written and stored is kept in {base}", file=sys.stderr)
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("logloom", type=os.path.abspath)
    parser.add_argument("--rotations", type=int, default=40)
    parser.add_argument("--pause", type=float, default=0.01, help="longest pause before a rotation, in seconds")
    parser.add_argument("--kinds", nargs="*", default=KINDS, choices=KINDS)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--no-kills", dest="kills", action="store_false")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    print(f"seed {options.seed}")
    print("| rotation | follower | rotations | writing took | lines | kills | lost | doubled | mangled |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |", flush=True)
    failures = [kind for kind in options.kinds if run(kind, options, rng)]
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
