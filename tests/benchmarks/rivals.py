"""What a user might take instead of the index: Redis and PostGIS, each as well used as we know how.

Both answer a `Nearest` as the index does: doctors by great-circle distance on a sphere, then by id, each once.
"""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import psycopg
import redis

from search_service import geo
from tests import servers
from tests.benchmarks.synthetic import LANGUAGES, SPECIALTIES, Directory, Ints, Piece, vectors


@dataclass(frozen=True, slots=True)
class Nearest:
    """The `limit` doctors of a specialty nearest to a point; those who speak a language and accept new
    patients there, unless `language` is None."""

    lat: float
    lng: float
    specialty: int
    language: int | None = None
    limit: int = 20


class Rival(Protocol):
    name: str

    def load(self, directory: Directory) -> None: ...

    def nearest(self, search: Nearest) -> list[bytes]:
        """Ids, in order."""

    def size(self) -> int:
        """Bytes that it takes."""


class Redis:
    """A geo key per specialty. What is filtered by is packed into the member, with the exact point and the
    doctor's id, so that an answer takes no second round trip.

    A script counts the members in squares around the point, smaller and smaller, and searches a circle in
    which there should be enough; the client filters, and asks for a wider circle if need be. Redis rounds
    points to 52 bits, off by up to 0.6 m, and takes the Earth to be larger by 1.000281: the client orders
    by the exact points, as far as nothing that Redis left out could be nearer.
    """

    name = "Redis"

    _MEMBER = np.dtype(
        [
            ("doctor", "V16"),
            ("point", "<f8", 3),
            ("practice", "<u4"),
            ("languages", "<u8"),
            ("accepting", "?"),
        ]
    )
    _SLACK_KM, _SLACK = 0.002, 1.0003
    _WHOLE_KM = 20_037.0
    # Of counts and stretches that were tried, those that were the fastest at 1 M listings.
    _CANDIDATES = 35
    _SCRIPT = """
    local lat, lng, code = ARGV[1], ARGV[2], tonumber(ARGV[3]) * 2 ^ 26 + tonumber(ARGV[4])
    local wanted, radius = tonumber(ARGV[5]), 20037
    for level = 13, 2, -1 do
        local size = 2 ^ (52 - 2 * level)
        local first = math.floor(code / size) * size
        local found = redis.call(
            'ZCOUNT', KEYS[1], string.format('%.0f', first), string.format('(%.0f', first + size))
        if found >= 0.5 * wanted then
            local km2 = 18914 / 2 ^ level * 40030 / 2 ^ level * math.cos(math.rad(tonumber(lat)))
            radius = 1.1 * math.sqrt(wanted / found * km2 / math.pi)
            break
        end
    end
    return {string.format('%.17g', radius), redis.call('GEOSEARCH', KEYS[1], 'FROMLONLAT', lng, lat,
        'BYRADIUS', radius, 'km', 'ASC', 'COUNT', 4 * wanted)}
    """

    def __init__(self, url: str) -> None:
        self._client: Any = redis.Redis.from_url(url)
        self._script: str = self._client.script_load(self._SCRIPT)

    def load(self, directory: Directory) -> None:
        points = vectors(directory.lat, directory.lng)
        speakers, doctors = np.zeros(LANGUAGES), 0
        for piece in directory.pieces():
            members = np.zeros(len(piece.doctor), self._MEMBER)
            members["doctor"] = piece.ids.view("V16")[:, 0][piece.doctor]
            members["point"], members["practice"] = points[piece.practice], piece.practice
            members["languages"] = _bits(piece.languages)[piece.doctor]
            members["accepting"] = piece.accepting
            lat, lng = directory.lat[piece.practice].tolist(), directory.lng[piece.practice].tolist()
            with self._client.pipeline(transaction=False) as pipeline:
                for specialty in range(SPECIALTIES):
                    rows = np.nonzero((piece.specialties == specialty).any(axis=1)[piece.doctor])[0].tolist()
                    added = [value for row in rows for value in (lng[row], lat[row], members[row].tobytes())]
                    if added:
                        pipeline.execute_command("GEOADD", specialty, *added)
                pipeline.execute()
            doctors += len(piece.ids)
            for language in range(LANGUAGES):
                speakers[language] += (piece.languages == language).sum()
        # How many are left by the filters is known to whoever counts them.
        self._shares = (0.7 * speakers / doctors).tolist()

    def nearest(self, search: Nearest) -> list[bytes]:
        share = 1.0 if search.language is None else max(self._shares[search.language], 1e-4)
        count = 4 * math.ceil(self._CANDIDATES / share)
        code = _geohash(search.lat, search.lng)
        point = np.array(geo.unit_vector(search.lat, search.lng))
        shown, found = self._client.evalsha(
            self._script,
            1,
            search.specialty,
            search.lat,
            search.lng,
            code >> 26,
            code & 0x3FFFFFF,
            count // 4,
        )
        radius = float(shown)
        while True:
            whole = len(found) < count
            members = np.frombuffer(b"".join(found), self._MEMBER)
            if not whole:
                sure = _chord2(members[-1:], point)[0] * (1 - 1e-9)
                sure = geo.chord2_from_km(geo.km_from_chord2(sure) - self._SLACK_KM)
            elif radius >= self._WHOLE_KM:
                sure = 4.1
            else:
                sure = geo.chord2_from_km((radius - self._SLACK_KM) / self._SLACK)
            if search.language is not None:
                spoken = members["languages"] >> np.uint64(search.language) & np.uint64(1)
                members = members[members["accepting"] & (spoken != 0)]
            ids = members["doctor"].tolist()
            rows = sorted(zip(_chord2(members, point).tolist(), ids, strict=True))
            doctors = list(dict.fromkeys(id for chord2, id in rows if chord2 < sure))
            if len(doctors) >= search.limit or sure > 4:
                return doctors[: search.limit]
            if not whole:
                count *= 4
            else:
                radius = self._WHOLE_KM if radius > 7_000 else radius * (2 if len(doctors) > 4 else 3)
            found = self._client.execute_command(
                *("GEOSEARCH", search.specialty, "FROMLONLAT", search.lng, search.lat),
                *("BYRADIUS", radius, "km", "ASC", "COUNT", count),
            )

    def size(self) -> int:
        return int(self._client.info("memory")["used_memory"])


class PostGIS:
    """A row for each listing and specialty, and a GiST index over both (`btree_gist`). `<->` of `geography` is
    by a sphere, exactly. PostgreSQL 15 takes the index only when nothing but `<->` is ordered by, so the client
    orders those at the same distance by id, and asks for more rows if the last ones may have been cut off."""

    name = "PostGIS"

    _POINT = "ST_SetSRID(ST_MakePoint(%(lng)s::float8, %(lat)s::float8), 4326)::geography"
    _FILTERS = "AND languages & (1::bigint << %(language)s::int) <> 0 AND accepting"
    # The type of the specialty is that of the column: the index would not be used otherwise.
    _SQL = """
        SELECT point <-> {point} AS distance, doctor FROM posting
        WHERE specialty = %(specialty)s::smallint {filters} ORDER BY distance LIMIT %(rows)s::int
    """

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._connection.execute("CREATE EXTENSION postgis")
        self._connection.execute("CREATE EXTENSION btree_gist")

    def load(self, directory: Directory) -> None:
        self._connection.execute(
            "CREATE TABLE posting (doctor uuid, point geography(Point, 4326), languages bigint, specialty smallint,"
            " accepting boolean)"
        )
        points = [
            # WKB with the spatial reference 4326.
            f"0101000020E6100000{np.array(point, '<f8').tobytes().hex()}"
            for point in zip(directory.lng.tolist(), directory.lat.tolist(), strict=True)
        ]
        with (
            self._connection.cursor() as cursor,
            cursor.copy("COPY posting (specialty, doctor, languages, accepting, point) FROM STDIN") as copy,
        ):
            for piece in directory.pieces():
                copy.write("".join(_rows(piece, points)))
        self._connection.execute("SET maintenance_work_mem = '1GB'")
        self._connection.execute("CREATE INDEX ON posting USING gist (specialty, point)")
        self._connection.execute("VACUUM ANALYZE posting")
        # Parallel workers and compiling cost more than such queries take.
        self._connection.execute("SET max_parallel_workers_per_gather = 0")
        self._connection.execute("SET jit = off")
        # Left to itself, the planner sorts all rows of a specialty too often; planning anew takes 0.1 ms.
        self._connection.execute("SET enable_bitmapscan = off")
        self._connection.execute("SET plan_cache_mode = force_generic_plan")

    def nearest(self, search: Nearest) -> list[bytes]:
        rows = 2 * search.limit
        while True:
            found = self._execute(search, rows)
            sure = found[-1][0] if len(found) == rows else math.inf
            doctors = list(dict.fromkeys(id.bytes for distance, id in sorted(found) if distance < sure))
            if len(doctors) >= search.limit or len(found) < rows:
                return doctors[: search.limit]
            rows *= 3

    def size(self) -> int:
        row = self._connection.execute("SELECT pg_total_relation_size('posting')").fetchone()
        assert row
        return int(row[0])

    def plan(self, search: Nearest) -> str:
        return "\n".join(line for (line,) in self._execute(search, 40, "EXPLAIN (ANALYZE, BUFFERS) "))

    def _execute(self, search: Nearest, rows: int, before: str = "") -> list[tuple[Any, ...]]:
        filters = "" if search.language is None else self._FILTERS
        return self._connection.execute(
            before + self._SQL.format(filters=filters, point=self._POINT),
            {
                "lat": search.lat,
                "lng": search.lng,
                "specialty": search.specialty,
                "language": search.language,
                "rows": rows,
            },
            prepare=not before,
            binary=not before,
        ).fetchall()


@contextmanager
def running() -> Iterator[list[Rival]]:
    """Those that there are on this machine; of each other, one line says why not."""
    with ExitStack() as stack:
        rivals: list[Rival] = []
        for rival, server in ((Redis, servers.redis), (PostGIS, _postgis)):
            try:
                rivals.append(rival(stack.enter_context(server())))
            except servers.Missing as missing:
                print(f"{rival.name} is left out: {missing}", flush=True)
        yield rivals


@contextmanager
def _postgis() -> Iterator[str]:
    """As `servers.postgresql`, with memory for what is measured, and PostGIS at hand. Raises servers.Missing."""
    binary = servers.binary("postgres", "postgresql")
    version = binary.parent.parent.name
    if not Path(f"/usr/share/postgresql/{version}/extension/postgis.control").exists():
        package = f"postgresql-{version}-postgis-3"
        if os.getuid() or not shutil.which("apt-get"):
            raise servers.Missing(f"it is not on this machine (Debian, Ubuntu: apt-get install {package})")
        servers.install(package)
    settings = {"shared_buffers": "2GB", "max_wal_size": "8GB", "random_page_cost": "1.1"}
    with servers.postgresql(settings) as url:
        yield url


def _rows(piece: Piece, points: list[str]) -> Iterator[str]:
    """Lines for COPY, of the listings of a piece under each of their specialties."""
    ids = [row.tobytes().hex() for row in piece.ids]
    languages = _bits(piece.languages).tolist()
    specialties = [[number for number in row if number >= 0] for row in piece.specialties.tolist()]
    for doctor, practice, accepting in zip(
        piece.doctor.tolist(), piece.practice.tolist(), piece.accepting.tolist(), strict=True
    ):
        rest = f"{ids[doctor]}\t{languages[doctor]}\t{'t' if accepting else 'f'}\t{points[practice]}\n"
        for specialty in specialties[doctor]:
            yield f"{specialty}\t{rest}"


def _geohash(lat: float, lng: float) -> int:
    """The score that Redis gives to a point."""
    row = int((lat + 85.05112878) / 170.10225756 * 2**26)
    column = int((lng + 180) / 360 * 2**26)
    return int(f"{row:b}", 4) | int(f"{column:b}", 4) << 1


def _bits(numbers: Ints) -> np.typing.NDArray[np.uint64]:
    bits: np.typing.NDArray[np.uint64] = (
        np.where(numbers >= 0, 1 << numbers.clip(0), 0).sum(axis=1).astype("u8")
    )
    return bits


def _chord2(members: Any, point: Any) -> Any:
    return ((members["point"] - point) ** 2).sum(axis=1)
