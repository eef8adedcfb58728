"""Cuts what the scripts beside this one wrote to a few lines that name no machine and no person.

    python tests/formats/excerpt.py DIR…

The excerpts go to tests/formats/real/.
"""

import os
import re
import socket
import sys

LINES = 14
OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "real")
NAMES = {socket.gethostname(), socket.getfqdn(), os.uname().nodename} - {"", "localhost"}


def plain(text):
    for name in NAMES:
        text = re.sub(rf"(?<![\w./-]){re.escape(name)}(?![\w/-])", "n1", text)
    text = re.sub(r"/(?:tmp|root|home/\w+)/[\w./@~+-]*?([\w.-]*\.(?:js|mjs|py|go|java|rb|php|sock|log|c|pem|conf|cfg))\b", r"/srv/shop/\1", text)
    text = re.sub(r"/(?:tmp|root|home/\w+)(?:/[\w./@~+-]*)?", "/srv/shop", text)
    text = re.sub(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "5a0c1d7e-93b4-4d0f-8e21-c6b7f0a45d92", text)
    return text


os.makedirs(OUT, exist_ok=True)
for directory in sys.argv[1:]:
    for name in sorted(os.listdir(directory)):
        with open(os.path.join(directory, name), encoding="utf-8", errors="replace", newline="") as file:
            lines = file.read().split("\n")[:LINES]
        lines = [plain(line)[:4000] for line in lines]
        if any(line.strip() for line in lines):
            with open(os.path.join(OUT, name), "w", encoding="utf-8", newline="") as file:
                file.write("\n".join(lines).rstrip("\n") + "\n")
