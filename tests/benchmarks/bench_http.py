"""Requests a second of the public API, against a bare DRF view that returns the same bytes, by web servers.

    python -m tests.benchmarks.bench_http --listings 1000000

granian runs as docker-compose.yml has it. wrk, from Debian's packages, asks for 400 different addresses by 8
connections, on the same cores, each service in turns: each answer made anew, then as it is kept, then with the ETag
of each, for a 304. Then memory of the web processes; then other servers and other numbers of processes and threads:
gunicorn is installed for it into a folder of its own. At last the slowest requests are looked for.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import requests

from scripts.processes import Processes
from search_service.feed import documents
from search_service.index.protocol import Change, Put
from search_service.index.sqlite import SQLiteIndex
from tests import compose, servers
from tests.benchmarks import machine, packages, tables
from tests.benchmarks.bench_index import PAGE, at
from tests.benchmarks.synthetic import Directory
from tests.e2e.pair import ROOT, Log, poll

CONNECTIONS = 8
ADDRESSES = 400
ROUNDS = 3
EXAMPLES = ROOT / "contracts" / "feed" / "v1" / "examples"
SERVERS = {
    "granian, 2 processes, 1 thread": ("granian", 2, 1),  # as docker-compose.yml has it
    "granian, 2 processes, 4 threads": ("granian", 2, 4),
    "granian, 1 process, 1 thread": ("granian", 1, 1),
    "granian, 1 process, 4 threads": ("granian", 1, 4),
    "gunicorn sync, 2 processes": ("gunicorn", 2, 0),
    "gunicorn gthread, 2 processes, 4 threads": ("gunicorn", 2, 4),
    "gunicorn sync, 1 process": ("gunicorn", 1, 0),
    "gunicorn gthread, 1 process, 4 threads": ("gunicorn", 1, 4),
}
SCRIPT = """
local paths, tags = {}, {}
for line in io.lines(os.getenv("PATHS")) do
    local path, tag = line:match("^(%S+)%s?(.*)$")
    paths[#paths + 1] = path
    tags[#paths] = tag ~= "" and tag or nil
end
-- A language that nobody knows is answered as none is, but nothing is kept for it.
local anew = os.getenv("ANEW") and "x-" .. os.getenv("ANEW") .. "-"
local sent = 0
request = function()
    local n = sent % #paths + 1
    sent = sent + 1
    return wrk.format("GET", paths[n], {["If-None-Match"] = tags[n], ["Accept-Language"] = anew and anew .. sent})
end
"""


class Rate(NamedTuple):
    per_s: float
    p50_ms: float
    p99_ms: float

    def __str__(self) -> str:
        return f"{self.per_s:,.0f} requests/s, p50 {self.p50_ms:.2f} ms, p99 {self.p99_ms:.2f} ms"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--listings", type=int, default=1_000_000)
    arguments.add_argument("--seconds", type=int, default=3, help="for each measurement")
    arguments.add_argument("--worst", type=int, default=1_500, help="requests tried for the slowest")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--save", type=Path, help="a folder")
    options = arguments.parse_args()
    figures: dict[str, Any] = {"listings": options.listings, "machine": machine.describe()}
    print(figures["machine"], flush=True)
    if not shutil.which("wrk"):
        if os.getuid():
            sys.exit("wrk is not on this machine (Debian, Ubuntu: apt-get install wrk)")
        servers.install("wrk")
    with tempfile.TemporaryDirectory(prefix="dny-bench-") as name:
        folder = Path(name)
        directory = Directory(options.listings, seed=options.seed, body_bytes=0)
        _fill(folder / "index", directory)
        env = _environment(folder)
        subprocess.run(["python", "-m", "search_service", "import_places"], env=env, cwd=ROOT, check=True)
        (folder / "script.lua").write_text(SCRIPT)
        kinds = _addresses(directory, np.random.default_rng(options.seed))
        with _serving(env, "granian", "search_service.wsgi", 1, 1) as (url, _):
            answers = _answers(url, [path for paths in kinds.values() for path in paths])
        (folder / "answers.json").write_text(json.dumps(answers))
        for kind, paths in kinds.items():
            (folder / f"{kind}.paths").write_text("\n".join(paths))
            sizes = [len(answers[path]) for path in paths]
            print(
                f"{kind}: {len(paths)} addresses, {statistics.mean(sizes):,.0f} bytes on average", flush=True
            )
        figures |= _compare(folder, env, list(kinds), options.seconds)
        figures["servers"] = _compare_servers(folder, env, options.seconds)
        figures["worst"] = _worst(folder, env, options)
    if options.save:
        options.save.mkdir(parents=True, exist_ok=True)
        (options.save / "http.md").write_text(tables.http(figures))


def _fill(folder: Path, directory: Directory) -> None:
    """Doctors, their specialties, and a condition for each of these."""
    index = SQLiteIndex(folder, default_locale="en")
    seq = count(1)
    with closing(index.create()) as writer:
        writer.apply(list(_taxonomy(directory)), at(next(seq)))
        for some in directory.documents():
            changes = iter(some)
            while page := [Put(document) for document in islice(changes, PAGE)]:
                writer.apply(page, at(next(seq)))
        index.promote(writer.generation)


def _taxonomy(directory: Directory) -> Iterator[Change]:
    specialty, condition = (
        json.loads((EXAMPLES / f"{name}.json").read_text())
        for name in ("specialty-neurology", "condition-myoclonus")
    )
    for number, id in enumerate(directory.specialty_ids):
        named = {"id": str(id), "slug": f"specialty-{number}", "name": f"Specialty {number}"}
        yield _change(specialty | named)
        article = {"id": str(id), "slug": f"condition-{number}", "name": f"Condition {number}"}
        text = {"aspect": "overview", "heading": "What is it?", "html": f"<p>{'Sample text. ' * 300}</p>"}
        yield _change(condition | article | {"specialties": [named], "sections": [text]})


def _change(document: Mapping[str, Any]) -> Change:
    change = documents.to_change(
        {"seq": 1, "digest": "0" * 32, "document": document}
        | {name: document[name] for name in ("kind", "id", "locale")}
    )
    assert isinstance(change, Put), change
    return change


def _addresses(directory: Directory, rng: np.random.Generator) -> dict[str, list[str]]:
    """Half of them from where people are, half from any place; specialties as doctors have them."""
    lat, lng = directory.points(rng, ADDRESSES)
    lat[::2], lng[::2] = directory.any_places(rng, len(lat[::2]))
    specialties = directory.draw_specialties(rng, ADDRESSES).tolist()
    places = directory.place_ids(rng, ADDRESSES)
    filters = ("", "&accepting_new_patients=true", "&telehealth=true&gender=female", "")
    return {
        "doctors": [
            f"/api/v1/doctors/?specialty=specialty-{specialty}&{where}{filters[n % 4]}"
            for n, (specialty, where) in enumerate(
                (specialty, f"place={place}" if n % 2 else f"lat={lat[n]}&lng={lng[n]}")
                for n, (specialty, place) in enumerate(zip(specialties, places, strict=True))
            )
        ],
        "pages": [
            f"/api/v1/pages/condition-{specialty}/{place}/"
            for specialty, place in zip(specialties, places, strict=True)
        ],
    }


def _answers(url: str, paths: Sequence[str]) -> dict[str, str]:
    answers = {}
    with requests.Session() as session:
        for path in paths:
            answer = session.get(url + path, timeout=30)
            answer.raise_for_status()
            answers[path] = answer.text
    return answers


def _environment(folder: Path) -> dict[str, str]:
    service = compose.services()["search"]
    env = dict(compose.stages()["base"].environment)
    env |= {name: value for name, value in service.environment.items() if name.startswith("GRANIAN")}
    env.pop("GRANIAN_STATIC_PATH_MOUNT", None)
    return env | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "DATA_DIR": str(folder),
        "SEARCH_SECRET_KEY": "bench",
        "FEED_TOKEN": "bench",
        "GRANIAN_HOST": "127.0.0.1",
        # Counted, never refused.
        "SEARCH_RATE_LIMIT": "100000000/60",
        "BARE_ANSWERS": str(folder / "answers.json"),
    }


@contextmanager
def _serving(
    env: Mapping[str, str], server: str, module: str, processes: int, threads: int
) -> Iterator[tuple[str, int]]:
    """URL, and the number of the server's main process."""
    (port,) = servers.free_ports(1)
    if server == "granian":
        command = ["python", "-m", "granian", f"{module}:application"]
        env = {
            **env,
            "GRANIAN_PORT": str(port),
            "GRANIAN_WORKERS": str(processes),
            "GRANIAN_BLOCKING_THREADS": str(threads),
        }
    else:
        kind = ["--worker-class=gthread", f"--threads={threads}"] if threads else ["--worker-class=sync"]
        command = ["python", "-m", "gunicorn", f"{module}:application", f"--bind=127.0.0.1:{port}"]
        command += [f"--workers={processes}", *kind]
    log, url = Log(), f"http://127.0.0.1:{port}"
    with Processes(log.add, cwd=ROOT) as running:
        running.start(server, command, env)
        try:
            poll(partial(requests.get, f"{url}/healthz", timeout=5), _is_any, timeout_s=30)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{log.tail()}") from error
        yield url, running.pid(server)


def _is_any(answer: requests.Response) -> bool:
    """The bare view does not know the address: that it answers is enough."""
    return answer.status_code > 0


def _compare(folder: Path, env: Mapping[str, str], kinds: Sequence[str], seconds: int) -> dict[str, Any]:
    """Rates of ours and of the bare view by kind of address, and memory of the web processes, in MiB."""
    (server, processes, threads), *_ = SERVERS.values()
    found: dict[str, tuple[Rate, Rate]] = {}
    with (
        _serving(env, server, "search_service.wsgi", processes, threads) as (ours, pid),
        _serving(env, server, "tests.benchmarks.bare", processes, threads) as (bare, _),
    ):
        asked = {kind: (folder / f"{kind}.paths", True) for kind in kinds}
        asked |= {f"{kind}/ kept": (paths, False) for kind, (paths, _) in asked.items()}
        asked |= {f"{kind}/ 304": (_with_tags(ours, folder / f"{kind}.paths"), False) for kind in kinds}
        for kind, (paths, anew) in asked.items():
            rates = _in_turns(folder, {"ours": ours, "bare": bare}, paths, seconds, anew=anew)
            found[kind] = rates["ours"], rates["bare"]
            print(f"/api/v1/{kind}: {rates['ours']}\n  a bare view, the same bytes: {rates['bare']}")
            print(f"  ratio {rates['ours'].per_s / rates['bare'].per_s:.2f}", flush=True)
        memory = [
            (round(machine.resident_mib(child)), round(machine.own_mib(child)))
            for child in machine.children(pid)
        ]
    for resident, own in memory:
        print(f"a web process: {resident} MiB resident, {own} MiB of it its own", flush=True)
    return {"rates": found, "memory": memory}


def _with_tags(url: str, paths: Path) -> Path:
    """The same addresses, each with the ETag of its answer."""
    with requests.Session() as session:
        session.headers["Accept-Encoding"] = "identity"
        lines = [
            f"{path} {session.get(url + path, timeout=30).headers['ETag']}"
            for path in paths.read_text().split()
        ]
    tagged = paths.with_suffix(".tagged")
    tagged.write_text("\n".join(lines))
    return tagged


def _compare_servers(folder: Path, env: Mapping[str, str], seconds: int) -> dict[str, tuple[Rate, Rate]]:
    """/doctors/ and the bare view under all of them."""
    found = []
    with packages.installed("gunicorn") as site:
        env = {**env, "PYTHONPATH": os.pathsep.join([str(site), env["PYTHONPATH"]])}
        for module in ("search_service.wsgi", "tests.benchmarks.bare"):
            with ExitStack() as stack:
                urls = {
                    name: stack.enter_context(_serving(env, server, module, processes, threads))[0]
                    for name, (server, processes, threads) in SERVERS.items()
                }
                found.append(_in_turns(folder, urls, folder / "doctors.paths", seconds, anew=True))
            print(f"/api/v1/doctors/ by {module}")
            for name, rate in found[-1].items():
                print(f"  {name}: {rate}", flush=True)
    ours, bare = found
    return {name: (ours[name], bare[name]) for name in SERVERS}


def _worst(folder: Path, env: Mapping[str, str], options: argparse.Namespace) -> dict[str, Any]:
    """In a process of its own, which is set up as the service is."""
    file = folder / "worst.json"
    given = {"listings": options.listings, "seed": options.seed, "tries": options.worst, "json": file}
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.worst",
        *(f"--{name}={v}" for name, v in given.items()),
    ]
    env = {**env, "DJANGO_SETTINGS_MODULE": "search_service.settings"}
    subprocess.run(command, env=env, cwd=ROOT, check=True)
    figures: dict[str, Any] = json.loads(file.read_text())
    return figures


def _in_turns(
    folder: Path, urls: Mapping[str, str], paths: Path, seconds: int, *, anew: bool
) -> dict[str, Rate]:
    """What else runs on the machine bears upon all alike. `anew`: no answer that was given before will do."""
    rates: dict[str, list[Rate]] = {name: [] for name in urls}
    for round_ in range(ROUNDS + 1):
        env = {"PATHS": str(paths)} | ({"ANEW": str(round_)} if anew else {})
        for name, url in urls.items():
            rate = _wrk(folder, url, env, seconds if round_ else 2)
            # The first is to warm up.
            rates[name] += [rate] if round_ else []
    return {name: _middle(some) for name, some in rates.items()}


def _wrk(folder: Path, url: str, env: Mapping[str, str], seconds: int) -> Rate:
    command = ["wrk", "--threads=1", f"--connections={CONNECTIONS}", f"--duration={seconds}s", "--latency"]
    done = subprocess.run(
        [*command, f"--script={folder / 'script.lua'}", url],
        env=os.environ | env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Non-2xx" not in done.stdout, done.stdout

    def number(pattern: str) -> tuple[float, str]:
        found = re.search(pattern + r"\s*([\d.]+)(\w*)", done.stdout)
        assert found, done.stdout
        return float(found[1]), found[2]

    def ms(pattern: str) -> float:
        value, unit = number(pattern)
        return value * {"us": 0.001, "ms": 1, "s": 1000}[unit]

    return Rate(number("Requests/sec:")[0], ms("50%"), ms("99%"))


def _middle(rates: Sequence[Rate]) -> Rate:
    return Rate(*(statistics.median(values) for values in zip(*rates, strict=True)))


if __name__ == "__main__":
    main()
