#!/usr/bin/env python3
"""Reads OSV records as a scanner does, and holds the answers against those of `vmt affected`.

For every record, every package in it and every release of that package: affected by the list of versions or by
a range (https://ossf.github.io/osv-schema/#evaluation, in the order of PEP 440), or not. Knows nothing of vmt
but its command line and the releases in releases.lock.
usage: osv_reader.py VMT WORKSPACE SITE
"""
import json
import pathlib
import subprocess
import sys

from packaging.version import Version

program, workspace, site = sys.argv[1:]
folder = pathlib.Path(site, "osv")


def in_range(version, events):
    key = lambda event: Version("0.dev0") if "0" in event.values() else Version(next(iter(event.values())))
    vulnerable = False
    for event in sorted(events, key=key):
        (kind, bound), = event.items()
        if kind == "introduced" and (bound == "0" or version >= Version(bound)):
            vulnerable = True
        if kind == "fixed" and version >= Version(bound):
            vulnerable = False
        if kind == "last_affected" and version > Version(bound):
            vulnerable = False
    return vulnerable


def affected(record, package, text):
    version = Version(text)
    for entry in record["affected"]:
        if entry["package"]["name"] != package:
            continue
        if any(Version(listed) == version for listed in entry.get("versions", [])):
            return True
        for one in entry.get("ranges", []):
            if one["type"] == "ECOSYSTEM" and in_range(version, one["events"]):
                return True
    return False


listed = json.loads((folder / "all.json").read_text())
records = {}
for one in listed:
    record = json.loads((folder / f"{one['id']}.json").read_text())
    assert record["id"] == one["id"] and record["modified"] == one["modified"], one
    records[record["id"].removeprefix("x_")] = record
assert listed == sorted(listed, key=lambda one: (one["modified"], one["id"]), reverse=True)

lock = json.loads(pathlib.Path(workspace, "releases.lock").read_text())
compared = differences = affected_count = 0
for product, known in lock["products"].items():
    package = product.replace("_", "-").replace(".", "-")
    texts = [row.split(" ", 1)[0] for row in known["releases"]]
    for start in range(0, len(texts), 40):
        some = texts[start : start + 40]
        command = [program, "-C", workspace, "affected", "--all", "--format", "json"]
        answer = subprocess.run(command + [f"{product}=={text}" for text in some], capture_output=True, check=True)
        for text, component in zip(some, json.loads(answer.stdout)["components"]):
            for document in component["documents"]:
                record = records.get(document["id"])
                found = record is not None and affected(record, package, text)
                wanted = document["status"] == "affected"
                compared += 1
                affected_count += wanted
                if found != wanted:
                    differences += 1
                    if differences <= 20:
                        print(f"DIFFERENT {document['id']} {product} {text}: vmt {document['status']}, OSV {found}")
print(f"{compared} answers compared ({affected_count} affected), {differences} different")
sys.exit(1 if differences else 0)
