#!/usr/bin/env python3
"""Turns YAML documents into pages for hugo: front matter and Markdown. Usage: content.py DOCUMENTS CONTENT"""

import json
import sys
from pathlib import Path

import yaml

TEXTS = ["description", "summary", "affected-services", "discussion", "recommended-actions"]

for path in sorted(Path(sys.argv[1]).glob("*.yaml")):
    document = yaml.safe_load(path.read_text())
    head = {"title": f"{document['id']}: {document['title']}", "date": str(document["date"]),
            "affected": document.get("affected-products") or []}
    body = [f"## {name}\n\n{document[name]}" for name in TEXTS if isinstance(document.get(name), str)]
    body += [f"- {link}" for links in (document.get("reviews") or {}).values()
             for link in (links if isinstance(links, list) else [links])]
    folder = Path(sys.argv[2]) / ("advisory" if "description" in document else "note")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{document['id']}.md").write_text(json.dumps(head) + "\n\n" + "\n\n".join(body) + "\n")
