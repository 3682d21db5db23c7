#!/usr/bin/env python3
"""Fetches every CSAF document of a site as a downloader does: security.txt, provider-metadata.json, ROLIE feed,
document, digests, signature; and holds index.txt and changes.csv against what the feed led to.

Speaks HTTP to a server of its own on loopback, in place of the address that the site names; follows only what
the files say.
usage: csaf_downloader.py SITE BASE_URL
"""
import csv
import functools
import hashlib
import http.server
import io
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import urllib.request

site, base = sys.argv[1], sys.argv[2].rstrip("/") + "/"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=site))
threading.Thread(target=server.serve_forever, daemon=True).start()


def fetch(url):
    assert url.startswith(base), f"{url} is of another host"
    with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/{url[len(base):]}") as answer:
        return answer.read()


text = fetch(base + ".well-known/security.txt").decode()
metadata_url = re.search(r"^CSAF: (\S+)$", text, re.M).group(1)
metadata = json.loads(fetch(metadata_url))
assert metadata["canonical_url"] == metadata_url
home = tempfile.mkdtemp()
gpg = ["gpg", "--batch", "--quiet", "--homedir", home]
for key in metadata.get("public_openpgp_keys", []):
    subprocess.run(gpg + ["--import"], input=fetch(key["url"]), check=True, capture_output=True)
    listed = subprocess.run(gpg + ["--with-colons", "--list-keys"], check=True, capture_output=True, text=True).stdout
    assert f":{key['fingerprint']}:" in listed, key

fetched = {}
for distribution in metadata["distributions"]:
    for one in distribution["rolie"]["feeds"]:
        feed = json.loads(fetch(one["url"]))["feed"]
        for entry in feed["entry"]:
            links = {}
            for link in entry["link"]:
                links.setdefault(link["rel"], []).append(link["href"])
            (url,) = links["self"]
            document = fetch(url)
            for href in links["hash"]:
                digest, name = fetch(href).decode().split()
                kind = href.rsplit(".", 1)[1]
                assert digest == hashlib.new(kind, document).hexdigest() and url.endswith(name), href
            for href in links.get("signature", []):
                signature = pathlib.Path(home, "signature.asc")
                signature.write_bytes(fetch(href))
                run = subprocess.run(gpg + ["--verify", str(signature), "-"], input=document, capture_output=True)
                assert run.returncode == 0, run.stderr.decode()
            assert bool(links.get("signature")) == (metadata["role"] == "csaf_trusted_provider"), url
            tracking = json.loads(document)["document"]["tracking"]
            assert (tracking["id"], tracking["current_release_date"]) == (entry["id"], entry["updated"]), url
            fetched[url] = tracking["current_release_date"]

folder = metadata_url.rsplit("/", 1)[0] + "/white/"
index = [folder + name for name in fetch(folder + "index.txt").decode().split()]
changes = {folder + name: day for name, day in csv.reader(io.StringIO(fetch(folder + "changes.csv").decode()))}
assert sorted(index) == sorted(fetched) and changes == fetched
print(f"{len(fetched)} documents fetched and verified, as {metadata['role']}")
