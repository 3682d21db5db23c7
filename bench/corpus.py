#!/usr/bin/env python3
"""Makes a workspace with any number of made-up documents, the same for the same number.

usage: corpus.py COUNT FOLDER

Four in five are advisories, with 1 to 3 products, version ranges, a CVE, reviews and people; the others
are notes. Texts are as long as those of the real documents (1.6 KB an advisory, 3.7 KB a note, on the
whole). Products grow with the documents, one for each eight, as an organisation of that size has them.
Every fiftieth document speaks of another one. No history of releases: that is for the real documents.
"""

import random
import sys
from pathlib import Path

ACTORS = ["A user with a project of their own", "Someone with network access to the API",
          "An operator of another region", "A guest with root rights", "Whoever can send a crafted header",
          "A member of two projects", "An unauthenticated caller"]
ACTS = ["may read", "may replace", "may delete", "can exhaust", "may list", "is able to rename", "can forge"]
THINGS = ["the metadata of images", "volumes that wait for deletion", "records of other zones",
          "tokens that were revoked", "logs of the scheduler", "quota of a whole project",
          "keys in the cache", "messages on the bus", "ports of a foreign network", "backups of a database"]
REASONS = ["because the policy is looked up by a name that the caller chooses",
           "since a check on the length comes after the copy", "as the worker trusts what the queue says",
           "because a lock is let go too early", "since the default of `allow_any` changed with the last refactoring",
           "as paths with `..` are joined before they are cleaned", "because errors of the driver are taken for success"]
SCOPES = ["Only deployments with `backend = legacy` in the service file are exposed.",
          "All supported configurations are exposed.", "Setups behind a proxy that strips the header are safe.",
          "The flaw needs the optional agent, which few install.",
          "Nothing in the logs tells an attack from ordinary use."]
ADVICE = ["Restart the workers after the upgrade.", "Rotate every credential that the service could read.",
          "Set `strict_mode = True` and reload the configuration.", "Compare the policy file with the sample.",
          "Watch the audit log for calls that end with code 409."]
FIRST = ["Ada", "Bo", "Chidi", "Dana", "Eun", "Farid", "Greta", "Hana", "Ivo", "Jun", "Kaja", "Lior"]
LAST = ["Abara", "Brandt", "Costa", "Dvorak", "Eriksen", "Fontaine", "Gupta", "Haddad", "Ito", "Jansen"]
FLAWS = ["leaks", "accepts", "forgets", "overwrites", "exposes", "mixes up"]
OBJECTS = ["credentials in error messages", "unsigned requests", "to check owners", "files outside its folder",
           "internal addresses", "tenants under load"]
STEMS = ["amber", "basalt", "cobalt", "delta", "ember", "flint", "garnet", "harbor", "indigo", "jasper", "kelp", "lumen"]
SERIES = [("ash", "2022.1", 2022), ("birch", "2023.1", 2023), ("cedar", "2024.1", 2024), ("date", "2025.1", 2025),
          ("elm", "2026.1", 2026)]


def product(number):
    return f"{STEMS[number % len(STEMS)]}-{number // len(STEMS)}" if number >= len(STEMS) else STEMS[number]


def paragraph(chance, sentences):
    return [f"{chance.choice(ACTORS)} {chance.choice(ACTS)} {chance.choice(THINGS)}, {chance.choice(REASONS)}. "
            f"{chance.choice(SCOPES)}" for _ in range(sentences)]


def block(paragraphs):
    """Paragraphs as the body of a YAML block, wrapped at 72 columns."""
    out = []
    for words in paragraphs:
        line = ""
        for word in " ".join(words).split():
            if len(line) + len(word) > 70:
                out.append("  " + line.rstrip())
                line = ""
            line += word + " "
        out += ["  " + line.rstrip(), ""]
    return "\n".join(out[:-1])


def people(chance, year, index):
    rows = [f"  - name: {chance.choice(FIRST)} {chance.choice(LAST)}\n"
            f"    affiliation: {product(chance.randrange(12)).title()} Labs\n"
            f"    reported: [CVE-{year}-{10000 + index}]" for _ in range(chance.choice([1, 1, 1, 2, 3]))]
    return "reporters:\n" + "\n".join(rows) + "\n"


def ranges(chance):
    major = chance.randrange(3, 30)
    low, high = f"{major}.0.{chance.randrange(1, 9)}", f"{major + 1}.0.{chance.randrange(1, 9)}"
    return chance.choice([f"<{low}", f"<{low}, >={major + 1}.0.0 <{high}", f">={major}.0.0 <={low}", f"=={low}"])


def identity(number):
    """Year and id of an advisory, spread over 14 years."""
    year = 2012 + number % 14
    return year, f"OSSA-{year}-{number // 14 + 1:03}"


def advisory(number, index, products):
    chance = random.Random(f"advisory {index}")
    year, name = identity(number)
    own = sorted({product(chance.randrange(products)) for _ in range(chance.choice([1, 1, 1, 2, 3]))})
    paragraphs = [paragraph(chance, chance.randrange(1, 3)) for _ in range(chance.randrange(2, 5))]
    if index % 50 == 0 and number > 10:
        paragraphs.append([f"See {identity(number - 10)[1]} for an earlier one."])
    affected = "\n".join(f"  - product: {one}\n    version: '{ranges(chance)}'" for one in own)
    reviews = "\n".join(f"  {code}/{series}:\n    - https://review.opendev.org/{100000 + index * 5 + at}"
                        for at, (series, code, _) in enumerate(SERIES[-chance.randrange(1, 4):]))
    text = (f"id: {name}\ndate: {year}-{chance.randrange(1, 13):02}-{chance.randrange(1, 28):02}\n"
            f"title: {own[0].title()} {chance.choice(FLAWS)} {chance.choice(OBJECTS)}\n"
            f"description: |\n{block(paragraphs)}\n"
            f"affected-products:\n{affected}\n"
            f"vulnerabilities:\n  - cve-id: CVE-{year}-{10000 + index}\n"
            f"{people(chance, year, index)}"
            f"issues:\n  links:\n    - https://bugs.launchpad.net/bugs/{1000000 + index}\n"
            f"reviews:\n{reviews}\n")
    return f"advisories/{name}.yaml", text


def note(number, index, products):
    chance = random.Random(f"note {index}")
    name = f"OSSN-{number + 1:04}"
    own = product(chance.randrange(products))
    text = (f"id: {name}\ntitle: {own.title()} needs care where it {chance.choice(FLAWS)} {chance.choice(OBJECTS)}\n"
            f"date: {2013 + number % 13}-{chance.randrange(1, 13):02}-{chance.randrange(1, 28):02}\n"
            f"affected-services: |\n  - {own} (<{chance.randrange(3, 30)}.0.0)\n"
            f"summary: |\n{block([paragraph(chance, 1)])}\n"
            f"discussion: |\n{block([paragraph(chance, 3) for _ in range(chance.randrange(3, 6))])}\n"
            f"recommended-actions: |\n{block([[chance.choice(ADVICE) for _ in range(4)] for _ in range(3)])}\n"
            f"author: {chance.choice(FIRST)} {chance.choice(LAST)}, {product(chance.randrange(12)).title()} Labs\n"
            f"references:\n  links:\n    - description: The report\n      url: https://bugs.launchpad.net/bugs/{5000000 + index}\n")
    return f"notes/{name}.yaml", text


def settings(products):
    head = """[site]
title = "Example security"
description = "Security advisories and notes of an example."
base-url = "https://security.example.org/"

[team]
organisation = "Example"
name = "Example Vulnerability Management Team"

[documents.advisory]
prefix = "OSSA"
folder = "advisories"
numbering = "yearly"

[documents.note]
prefix = "OSSN"
folder = "notes"
numbering = "running"
"""
    rows = [f'\n[[products]]\nname = "{product(at)}"\ntitle = "{product(at).title()}"\n' for at in range(products)]
    series = [f'\n[[series]]\nname = "{name}"\nnumber = "{code}"\nreleased = "{year}-04-01"\n' for name, code, year in SERIES]
    return head + "".join(rows) + "".join(series)


def main():
    count, folder = int(sys.argv[1]), Path(sys.argv[2])
    products = max(12, count // 8)
    for name in ["advisories", "notes"]:
        (folder / name).mkdir(parents=True)
    (folder / "vmt.toml").write_text(settings(products))
    advisories = notes = 0
    for index in range(count):
        if index % 5 == 4:
            path, text = note(notes, index, products)
            notes += 1
        else:
            path, text = advisory(advisories, index, products)
            advisories += 1
        (folder / path).write_text(text)


if __name__ == "__main__":
    main()
