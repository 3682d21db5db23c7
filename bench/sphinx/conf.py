"""A small Sphinx project that publishes the same YAML documents, to compare with: before Sphinx reads its
sources, every document is rendered through a template to a page of reStructuredText, and pages are listed."""

from pathlib import Path

import jinja2
import yaml

project = "Security documents"
extensions = []
html_theme = "alabaster"
exclude_patterns = ["documents"]
ROOT = Path(__file__).parent


def as_list(value):
    return value if isinstance(value, list) else [value]


def pages(_app):
    environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)
    environment.filters["as_list"] = as_list
    listed = []
    for path in sorted((ROOT / "documents").glob("*.yaml")):
        document = yaml.safe_load(path.read_text())
        kind = "advisory" if "description" in document else "note"
        template = environment.from_string((ROOT / f"{kind}.rst.jinja").read_text())
        folder = ROOT / kind
        folder.mkdir(exist_ok=True)
        (folder / f"{document['id']}.rst").write_text(template.render(document=document))
        listed.append((kind, document["id"]))
    for kind in ["advisory", "note"]:
        names = "\n".join(f"   {kind}/{name}" for one, name in listed if one == kind)
        title = f"All of kind {kind}"
        (ROOT / f"{kind}-list.rst").write_text(f"{title}\n{'=' * len(title)}\n\n.. toctree::\n   :maxdepth: 1\n\n{names}\n")


def setup(app):
    app.connect("builder-inited", pages)
