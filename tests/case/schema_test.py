"""cases/schema.json is valid, every shipped case and every example of cases/README.md that is a whole case passes it,
and files with mistakes that a schema can see do not.

usage: schema_test.py SOURCE_FOLDER
"""
import json
import pathlib
import re
import sys

import jsonschema
import yaml

# Mistakes that only the parser can see (undefined sockets, arithmetic, arities) are not here.
REJECTED = [
    "a_list", "a_text", "call_shapes", "conditions", "foreign_program", "impossible_states", "missing_keys",
    "path_tricks", "state_sequences", "unknown_keys", "unknown_names", "vary_empty", "wire", "wrong_types",
]


class Yaml12Loader(yaml.SafeLoader):
    """YAML 1.2's core schema, as editors and tcpwitness read it: `on` and `no` are words."""


Yaml12Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in [
    ("bool", r"^(?:true|false)$", "tf"),
    ("null", r"^(?:~|null|)$", ["~", "n", ""]),
    ("int", r"^-?(?:0|[1-9][0-9]*)$", "-0123456789"),
    ("float", r"^-?[0-9]+\.[0-9]+$", "-0123456789"),
]:
    Yaml12Loader.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(pattern), list(first))


def first_error(validator, content):
    """The deepest mistake, or None."""
    error = jsonschema.exceptions.best_match(validator.iter_errors(yaml.load(content, Loader=Yaml12Loader)))
    return None if error is None else "%s: %s" % ("/".join(map(str, error.absolute_path)), error.message)


def main():
    root = pathlib.Path(sys.argv[1])
    schema = json.loads((root / "cases/schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    failures = []
    shipped = sorted((root / "cases").rglob("*.yaml"))
    blocks = re.findall(r"```yaml\n(.*?)```", (root / "cases/README.md").read_text(), re.S)
    passing = [(str(path.relative_to(root)), path.read_text()) for path in shipped]
    passing += [("README.md: " + block.splitlines()[0], block) for block in blocks if block.startswith("case:")]
    # Parts of cases: lists of steps, and other keys.
    for block in blocks:
        if block.startswith("- "):
            passing.append(("README.md: " + block.splitlines()[0], "case: x\nsteps:\n" + re.sub("(?m)^", "  ", block)))
        elif not block.startswith("case:"):
            steps = "" if "steps:\n" in block else "steps:\n  - client: c = socket()\n"
            passing.append(("README.md: " + block.splitlines()[0], "case: x\n" + block + steps))
    for name, content in passing:
        error = first_error(validator, content)
        if error is not None:
            failures.append("%s should pass: %s" % (name, error))
    for name in REJECTED:
        content = (root / "tests/case/broken" / (name + ".yaml")).read_text()
        if first_error(validator, content) is None:
            failures.append("%s should be rejected" % name)
    if len(shipped) < 7:
        failures.append("only %d shipped cases were found" % len(shipped))
    print("\n".join(failures) or "%d accepted, %d rejected" % (len(passing), len(REJECTED)))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
