"""Makes schemaorg.tsv.gz (see `vocabulary`) of the npm package schema-dts. No test needs it:

npm pack schema-dts && tar xzf schema-dts-*.tgz
python -m tests.search_service.pages.make_vocabulary package/dist/schema.d.ts
"""

from __future__ import annotations

import gzip
import re
import sys
from collections import defaultdict
from pathlib import Path

from tests.search_service.pages.vocabulary import FILE

_COMMENT = re.compile(r"/\*\*.*?\*/", re.DOTALL)
# What a type adds is in its Base, what it is called in its Leaf; one that adds nothing has no Base.
_INTERFACE = re.compile(
    r"^(?:export )?interface (\w+?)(?:Base|Leaf) extends ([^{]+?) \{(.*?)^\}", re.DOTALL | re.MULTILINE
)
_PROPERTY = re.compile(r'^    "([^"]+)"\?: SchemaValue<(.+), "[^"]+">;$', re.MULTILINE)
_TYPE = re.compile(r"^export type (\w+) = (.*?);$", re.DOTALL | re.MULTILINE)
_MEMBER = re.compile(r'"https://schema\.org/(\w+)"')
# References and roles may stand for anything.
_ANYTHING = {"IdReference", "Role"}


def lines(source: str) -> list[str]:
    source = _COMMENT.sub("", source)
    above: defaultdict[str, set[str]] = defaultdict(set)
    properties = []
    for name, parents, body in _INTERFACE.findall(source):
        # Names with an underscore are of other vocabularies.
        if "_" in name:
            continue
        named = {parent.strip().removesuffix("Base") for parent in parents.split(",")}
        above[name] |= {each for each in named if each != name and "_" not in each and "<" not in each}
        for own, ranges in _PROPERTY.findall(body):
            types = {each.strip() for each in ranges.split("|")} - _ANYTHING
            properties.append(f"property\t{name}\t{own}\t{' '.join(sorted(types))}")
    members = {name: _MEMBER.findall(definition) for name, definition in _TYPE.findall(source)}
    return [
        *(f"type\t{name}\t{' '.join(sorted(parents))}" for name, parents in sorted(above.items())),
        *sorted(properties),
        *(f"value\t{name}\t{' '.join(sorted(those))}" for name, those in sorted(members.items()) if those),
    ]


if __name__ == "__main__":
    text = "\n".join(lines(Path(sys.argv[1]).read_text())) + "\n"
    FILE.write_bytes(gzip.compress(text.encode(), mtime=0))
