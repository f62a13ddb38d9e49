"""The search box at size: completions by the letters typed, corrections, whole queries.

    python -m tests.benchmarks.bench_words --conditions 10000 --listings 100000

Conditions have names made of medical word elements, each with other names, search phrases and a text of 300 words;
doctors are those of the synthetic directory; places are those that ship, or `--places FILE…`. What is timed is all
but HTTP. The slowest of each kind are named.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from uuid import UUID

from django.conf import settings

from search_service.index.protocol import Document, Form, Phrase, Put, Reader, Texts
from search_service.index.sqlite import SQLiteIndex
from search_service.places.gazetteer import Gazetteer
from search_service.places.importer import SHIPPED, import_places
from search_service.query import searching, suggesting
from tests.benchmarks import machine
from tests.benchmarks.bench_index import at, in_ms, shown
from tests.benchmarks.synthetic import TODAY, Directory

_PAGE = 500
_SLOWEST = 3
_BEFORE = [
    "acro",
    "adeno",
    "angio",
    "arthro",
    "broncho",
    "cardio",
    "cephalo",
    "cerebro",
    "chondro",
    "cranio",
    "cyto",
    "dermato",
    "encephalo",
    "entero",
    "fibro",
    "gastro",
    "glosso",
    "hemato",
    "hepato",
    "hydro",
    "hyper",
    "hypo",
    "kerato",
    "laryngo",
    "leuko",
    "lipo",
    "lympho",
    "masto",
    "meningo",
    "myelo",
    "myo",
    "nephro",
    "neuro",
    "oculo",
    "odonto",
    "onco",
    "osteo",
    "oto",
    "pancreato",
    "para",
    "patho",
    "peri",
    "phlebo",
    "pneumo",
    "procto",
    "pseudo",
    "pyelo",
    "rhino",
    "sarco",
    "sclero",
    "spondylo",
    "stomato",
    "synovio",
    "tachy",
    "teno",
    "thoraco",
    "thrombo",
    "thyro",
    "tracheo",
    "uro",
    "vaso",
    "ventriculo",
    "vesico",
]
_AFTER = [
    "algia",
    "atrophy",
    "cele",
    "clonus",
    "dynia",
    "ectasia",
    "edema",
    "emia",
    "esthesia",
    "genesis",
    "itis",
    "kinesia",
    "lithiasis",
    "lysis",
    "malacia",
    "mania",
    "megaly",
    "oma",
    "osis",
    "paresis",
    "pathy",
    "penia",
    "phagia",
    "philia",
    "phobia",
    "plasia",
    "plegia",
    "pnea",
    "ptosis",
    "rrhagia",
    "rrhea",
    "rrhexis",
    "sclerosis",
    "spasm",
    "stasis",
    "stenosis",
    "tonia",
    "trophy",
    "uria",
]
_KINDS = ["syndrome", "disease", "disorder", "deficiency", "dystrophy"]
_WHERE = [
    "of the hand",
    "of the foot",
    "of the neck",
    "in children",
    "in adults",
    "of the eye",
    "of the skin",
    "of the jaw",
]
_PLAIN = [
    "pain",
    "stiff",
    "weak",
    "tired",
    "night",
    "morning",
    "walking",
    "sleep",
    "hand",
    "arm",
    "leg",
    "foot",
    "eye",
    "skin",
    "head",
    "chest",
    "back",
    "slow",
    "sudden",
    "often",
    "swelling",
    "numb",
    "cold",
    "heat",
    "cough",
    "breath",
    "blood",
    "sugar",
    "fever",
    "itch",
    "rash",
    "dizzy",
    "shaking",
    "jerk",
    "cramp",
    "burning",
    "tingling",
]


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--conditions", type=int, default=10_000)
    arguments.add_argument("--listings", type=int, default=100_000, help="of doctors")
    arguments.add_argument("--places", type=Path, nargs="+", default=list(SHIPPED))
    arguments.add_argument("--queries", type=int, default=200, help="of each kind")
    options = arguments.parse_args()
    # What signs cursors.
    settings.configure(SECRET_KEY="benchmark")
    print(machine.describe(), flush=True)
    with tempfile.TemporaryDirectory(prefix="dny-bench-") as name:
        folder = Path(name)
        random = Random(1)
        conditions = list(_conditions(options.conditions, random))
        directory = Directory(options.listings, seed=1, body_bytes=0)
        index = _filled(folder / "index", conditions, directory)
        report = import_places(options.places, folder / "places")
        print(
            f"{len(conditions):,} conditions of {sum(len(each.phrases) for each in conditions):,} phrases, "
            f"{options.listings:,} listings, {report.places:,} places of {report.names:,} names",
            flush=True,
        )
        reader, gazetteer = index.reader(), Gazetteer(folder / "places")
        before = machine.own_mib(os.getpid())
        for what, texts in _texts(conditions, directory, random, options.queries).items():
            _timed(what, texts, partial(_suggest, reader, gazetteer))
            if "letters" not in what:
                _timed(what, texts, partial(_search, reader, gazetteer), searched=True)
        print(f"memory of its own: {machine.own_mib(os.getpid()) - before:+.0f} MiB by all this")
    return 0


def _conditions(number: int, random: Random) -> Iterator[Document]:
    names: set[str] = set()
    while len(names) < number:
        name = random.choice(_BEFORE) + random.choice(_AFTER)
        if random.random() < 0.8:
            name = f"{random.choice(_BEFORE)}{random.choice(_AFTER)} {random.choice(_KINDS)}"
        names.add(name if random.random() < 0.5 else f"{name} {random.choice(_WHERE)}")
    # Most words of a text are in few others.
    words = [f"{before}{after}" for before in _BEFORE for after in _AFTER] + _PLAIN
    for nth, name in enumerate(sorted(names)):
        phrases = {name: _phrase(name, "name")}
        for _ in range(5):
            other = f"{random.choice(_BEFORE)}{random.choice(_AFTER)} {random.choice(_KINDS)}"
            phrases.setdefault(other, _phrase(other, "alternate_name"))
        for word in random.sample(_PLAIN, 3):
            typed = f"{word} {name.split()[0]} treatment"
            phrases.setdefault(typed, _phrase(typed, "search_phrase"))
        slug = f"{name.replace(' ', '-')}-{nth}"
        card = f'{{"id":"{UUID(int=nth)}","slug":"{slug}","name":"{name}","summary":"","search_phrases":[]}}'.encode()
        body = (
            card[:-1]
            + b',"specialties":[],"notice":"","reviewer":null,"last_reviewed":null,"next_review":null,'
        )
        yield Document(
            "condition",
            UUID(int=nth),
            "en",
            slug,
            name,
            body + b'"sections":[]}',
            card,
            phrases=tuple(phrases.values()),
            texts=Texts(name, " ".join(random.choices(_PLAIN, k=10)), " ".join(random.choices(words, k=290))),
        )  # fmt: skip


def _phrase(text: str, form: Form) -> Phrase:
    return Phrase(text, text, form)


def _filled(folder: Path, conditions: list[Document], directory: Directory) -> SQLiteIndex:
    index = SQLiteIndex(folder, default_locale="en")
    seq = 0
    with closing(index.create()) as writer:
        for documents in (conditions, *directory.documents()):
            left = iter(documents)
            while page := [Put(document) for document in islice(left, _PAGE)]:
                seq += len(page)
                writer.apply(page, at(seq))
        index.promote(writer.generation)
    return index


def _texts(
    conditions: list[Document], directory: Directory, random: Random, number: int
) -> dict[str, list[str]]:
    """By kind, what is typed."""
    names = [random.choice(conditions).name for _ in range(number)]
    places = [random.choice(["Leh", "New York", "Berlin", "San Jose", "Delhi", "Lima"]) for _ in names]
    doctors = [f"dr {random.choice(directory.given)} {random.choice(directory.family)}" for _ in names]
    texts = {
        f"{letters} letters of a condition": [name[:letters] for name in names] for letters in range(1, 13)
    }
    texts |= {
        f"{letters} letters, one wrong": [_wrong(name[:letters], random) for name in names]
        for letters in (4, 6, 8, 12)
    }
    texts |= {
        f"{letters} letters of a doctor's name": [name[:letters] for name in doctors]
        for letters in (6, 8, 12)
    }
    texts["condition"] = names
    texts["condition, one letter wrong"] = [_wrong(name, random) for name in names]
    texts["condition and place"] = [f"{name} in {place}" for name, place in zip(names, places, strict=True)]
    texts["doctor's name"] = doctors
    texts["words of a text"] = [" ".join(random.sample(_PLAIN, 6)) for _ in names]
    texts["nonsense"] = ["".join(random.choices("bcdfgjkqvwxz", k=8)) + " qqzz" for _ in names]
    texts["20 words"] = [" ".join(random.choices(_BEFORE + _PLAIN, k=20)) for _ in names]
    return texts


def _wrong(text: str, random: Random) -> str:
    at = random.randrange(1, len(text))
    return text[:at] + random.choice("abcdefghijklmnopqrstuvwxyz") + text[at + 1 :]


def _suggest(reader: Reader, gazetteer: Gazetteer, text: str) -> None:
    suggesting.suggest(reader, gazetteer, text, "en", limit=5)


def _search(reader: Reader, gazetteer: Gazetteer, text: str) -> None:
    searching.answer(reader, gazetteer, searching.Asked(text, "en"), TODAY, 20)


def _timed(what: str, texts: list[str], ask: Callable[[str], None], *, searched: bool = False) -> None:
    for text in texts[:20]:
        ask(text)
    gc.collect()
    seconds = []
    for text in texts:
        start = time.perf_counter()
        ask(text)
        seconds.append(time.perf_counter() - start)
    slowest = sorted(zip(seconds, texts, strict=True), reverse=True)[:_SLOWEST]
    print(
        f"  {'search' if searched else 'suggest'}: {what}: {shown(in_ms(seconds))}; slowest:",
        ", ".join(repr(text) for _, text in slowest),
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
