"""Holds documents against a JSON Schema with an independent validator: validate_schema.py SCHEMA FILE...

YAML is read as YAML 1.2 readers such as editors do: numbers are numbers, dates and `no` are texts.
"""

import json
import sys
import tomllib

import yaml
from jsonschema import Draft202012Validator


class Yaml12(yaml.SafeLoader):
    """PyYAML without the readings that only YAML 1.1 has."""


Yaml12.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if not tag.endswith((":timestamp", ":bool", ":merge"))]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(path):
    if path.endswith(".toml"):
        with open(path, "rb") as file:
            return tomllib.load(file)
    with open(path, encoding="utf-8") as file:
        return yaml.load(file, Loader=Yaml12)


def main(schema_path, *paths):
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    bad = 0
    for path in paths:
        errors = sorted(validator.iter_errors(read(path)), key=str)
        for error in errors:
            print(f"{path}: /{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}")
        bad += bool(errors)
    print(f"{len(paths) - bad} of {len(paths)} valid against {schema['title']}")
    return 1 if bad or not paths else 0


sys.exit(main(*sys.argv[1:]))
