"""The pages of the admin that `bench_admin` asks for; run by it, with the environment of the CMS.

    DATABASE_URL=… CMS_SECRET_KEY=… FEED_TOKEN=… python -m tests.benchmarks.admin_pages [WORD]

Each by each of the sample's logins that may see it; the figures are those of whom it takes longest. With a word, only the pages
whose names have it are measured, and their slowest queries shown.
"""

from __future__ import annotations

import logging
import os
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings")
django.setup()

from django.conf import settings  # noqa: E402 - the settings first
from django.contrib.auth.models import User  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402
from wagtail.images.models import Image  # noqa: E402

from cms.conditions.models import ConditionIndexPage, ConditionPage  # noqa: E402
from cms.dashboard.waiting import LISTS  # noqa: E402
from cms.demo.logins import ROLES  # noqa: E402
from cms.doctors.models import DoctorIndexPage, DoctorPage, DoctorRegistration  # noqa: E402
from cms.doctors.practices import Practice  # noqa: E402
from cms.taxonomy.models import Specialty  # noqa: E402

AIM_MS = 500
TIMES = 3
TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
SLOW_QUERY_S = 0.03


def pages() -> Iterator[tuple[str, str]]:
    """Names and addresses."""
    doctors, conditions = DoctorIndexPage.objects.first(), ConditionIndexPage.objects.first()
    hospital, clinic = Practice.objects.order_by("pk")[:2]
    doctor, condition = DoctorPage.objects.order_by("-pk")[10], ConditionPage.objects.order_by("-pk")[10]
    specialty = Specialty.objects.get(slug="neurology")
    twice = DoctorRegistration.objects.filter(number__startswith="TWICE-").order_by("pk")[3].number
    assert doctors is not None
    assert conditions is not None
    explorer, listing = reverse("wagtailadmin_explore", args=[doctors.pk]), reverse("doctors:index")
    last = DoctorPage.objects.count() // 50
    searches = (
        ("one doctor's number", "99999"),
        ("a name", "example+999"),
        ("a word of all", "example"),
        ("two letters", "dr"),
        ("nothing found", "xyzzy"),
    )

    yield "home", reverse("wagtailadmin_home")
    for waiting in LISTS:
        yield f"waiting: {waiting.page_title}", reverse(waiting.url_name)
    yield "explorer, home", reverse("wagtailadmin_explore", args=[doctors.get_parent().pk])
    yield "explorer, doctors", explorer
    yield "explorer, doctors, late page", f"{explorer}?p={last}"
    yield "explorer, doctors, by name", f"{explorer}?ordering=title"
    yield "explorer, conditions", reverse("wagtailadmin_explore", args=[conditions.pk])
    in_order = reverse("wagtailadmin_explore", args=[conditions.pk]) + "?ordering=ord"
    yield "explorer, conditions, in their order", in_order
    for name, words in searches:
        yield f"search for pages: {name}", reverse("wagtailadmin_pages:search") + f"?q={words}"
        yield f"explorer, doctors, search: {name}", f"{explorer}?q={words}"
        yield (
            f"explorer, conditions, search: {name}",
            reverse("wagtailadmin_explore", args=[conditions.pk]) + f"?q={words}",
        )
        yield f"doctors, search: {name}", f"{listing}?q={words}"
    yield "doctors", listing
    six = f"specialty={specialty.pk}&country=IN&language=en&telehealth=true&accepting=yes&status=live"
    for name, query in (
        ("late page", f"p={last}"),
        ("by name", "ordering=title"),
        ("by name, late page", f"ordering=title&p={last}"),
        ("by day of verification", "ordering=verified_at"),
        ("by status", "ordering=live"),
        ("searched and filtered", f"q=example+99&specialty={specialty.pk}"),
        ("specialty", f"specialty={specialty.pk}"),
        ("country", "country=IN"),
        ("practice", "practice=SNM"),
        ("place", "practice=Town+1"),
        ("any practice", "practice=P"),
        ("language", "language=en"),
        ("telehealth", "telehealth=true"),
        ("no telehealth", "telehealth=false"),
        ("accepting", "accepting=yes"),
        ("accepting nowhere", "accepting=no"),
        ("without a practice", "without_practice=true"),
        ("with a practice", "without_practice=false"),
        ("not verified since", "not_verified_since=2026-06-01"),
        ("never verified", "never_verified=true"),
        ("registration", f"registration={twice}"),
        ("live", "status=live"),
        ("not live", "status=draft"),
        ("newer draft", "status=changed"),
        ("locale", "locale=en"),
        ("six filters", six),
        ("six filters, by name, late page", f"{six}&ordering=title&p=99"),
        ("six filters, searched", f"{six}&q=example"),
    ):
        yield f"doctors: {name}", f"{listing}?{query}"
    yield "possible duplicates", reverse("doctor_duplicates")
    for kind, page, parent in (("doctor", doctor, doctors), ("condition", condition, conditions)):
        model = page._meta
        yield f"{kind}, edit", reverse("wagtailadmin_pages:edit", args=[page.pk])
        add = reverse("wagtailadmin_pages:add", args=[model.app_label, model.model_name, parent.pk])
        yield f"{kind}, add", add
        for view in ("history", "usage", "unpublish", "copy", "move", "delete"):
            yield f"{kind}, {view}", reverse(f"wagtailadmin_pages:{view}", args=[page.pk])
    few = "&".join(f"id={pk}" for pk in DoctorPage.objects.order_by("-pk").values_list("pk", flat=True)[:50])
    for action in ("verify", "publish", "unpublish", "move", "delete"):
        address = reverse("wagtail_bulk_action", args=["doctors", "doctorpage", action])
        yield f"50 doctors: {action}", f"{address}?{few}&next={listing}"
        yield f"all of a registration: {action}", f"{address}?id=all&registration={twice}&next={listing}"
    merge = reverse("wagtail_bulk_action", args=["doctors", "practice", "merge"])
    yield "merge two practices", f"{merge}?id={hospital.pk}&id={clinic.pk}&next={listing}"
    for name, snippet in (("practice", hospital), ("specialty", specialty)):
        view = f"wagtailsnippets_{snippet._meta.app_label}_{snippet._meta.model_name}"
        yield f"{name}: list", reverse(f"{view}:list")
        yield f"{name}: list, searched", reverse(f"{view}:list") + "?q=practice"
        yield f"{name}: edit", reverse(f"{view}:edit", args=[snippet.pk])
        yield f"{name}: usage", reverse(f"{view}:usage", args=[snippet.pk])
        yield f"{name}: usage, late page", reverse(f"{view}:usage", args=[snippet.pk]) + "?p=90"
        yield f"{name}: history", reverse(f"{view}:history", args=[snippet.pk])
        yield f"{name}: delete", reverse(f"{view}:delete", args=[snippet.pk])
        chooser = f"wagtailsnippetchoosers_{snippet._meta.app_label}_{snippet._meta.model_name}"
        yield f"{name}: chooser", reverse(f"{chooser}:choose")
        yield f"{name}: chooser, searched", reverse(f"{chooser}:choose_results") + "?q=pr"
    practices = reverse("wagtailsnippets_doctors_practice:list")
    yield "practice: list, late page", f"{practices}?p=300"
    yield "practice: list, filtered", f"{practices}?country=IN"
    yield (
        "practice: neighbours",
        reverse("wagtailsnippets_doctors_practice:neighbours") + "?lat=34.1&lng=77.5",
    )
    chooser = reverse("wagtailadmin_choose_page")
    yield "chooser of pages", f"{chooser}?page_type=wagtailcore.page"
    yield "chooser of conditions", f"{chooser}?page_type=conditions.conditionpage&multiple=1"
    below = reverse("wagtailadmin_choose_page_child", args=[conditions.pk])
    yield "chooser of conditions, the folder", f"{below}?page_type=conditions.conditionpage"
    for name, words in searches:
        search = reverse("wagtailadmin_choose_page_search")
        yield (
            f"chooser of conditions, search: {name}",
            f"{search}?page_type=conditions.conditionpage&q={words}",
        )
        yield f"chooser of pages, search: {name}", f"{search}?page_type=wagtailcore.page&q={words}"
    below = reverse("wagtailadmin_choose_page_child", args=[doctors.pk])
    yield "chooser of pages, doctors", f"{below}?page_type=wagtailcore.page"
    yield "chooser of pages, doctors, late page", f"{below}?page_type=wagtailcore.page&p={last}"
    yield "chooser of images", reverse("wagtailimages_chooser:choose")
    yield "images", reverse("wagtailimages:index")
    if image := Image.objects.first():
        yield "image, edit", reverse("wagtailimages:edit", args=[image.pk])
    site_history = reverse("wagtailadmin_reports:site_history")
    yield "site history", site_history
    yield "site history, late page", f"{site_history}?p=999"
    yield "site history, of a name", f"{site_history}?label=example+99"
    yield "site history, of a user", f"{site_history}?user=1"
    yield "coverage", reverse("coverage")
    yield "coverage of a country", reverse("coverage") + "?country=IN"
    yield "reviews due", reverse("reviews_due")
    yield "reviewers", reverse("wagtailsnippets_review_reviewer:list")
    for report in ("aging_pages", "locked_pages", "page_types_usage", "workflow", "workflow_tasks"):
        yield f"report: {report}", reverse(f"wagtailadmin_reports:{report}")


@dataclass(frozen=True)
class Answer:
    """`cpu_ms` is the processor time of this process, and PostgreSQL's for it, by however many processes."""

    ms: float
    cpu_ms: float
    queries: list[dict[str, str]]


def ask(client: Client, url: str) -> Answer | None:
    """None if the user may not see the page."""
    connection.queries_log.clear()  # it has a limit
    server, started, used = _ticks_of_server(), time.perf_counter(), time.process_time()
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(url)
        ms, cpu_ms = 1000 * (time.perf_counter() - started), 1000 * (time.process_time() - used)
        queries = list(captured)
    if answer.status_code in (302, 403):
        return None
    assert answer.status_code == 200, f"{url} answers {answer.status_code}"
    return Answer(ms, cpu_ms + TICK_MS * (_ticks_of_server() - server), queries)


def slowest(clients: dict[str, Client], url: str) -> tuple[str, Answer]:
    """Whom the page takes longest, and the median of some times that it took."""
    for client in clients.values():
        if ask(client, url):
            break  # the first time is for what is made once
    once = {user: answer for user, client in clients.items() if (answer := ask(client, url))}
    user = max(once, key=lambda user: once[user].cpu_ms)
    answers = [once[user], *(answer for _ in range(TIMES - 1) if (answer := ask(clients[user], url)))]
    ms, cpu_ms = (statistics.median(getattr(one, name) for one in answers) for name in ("ms", "cpu_ms"))
    return user, Answer(ms, cpu_ms, answers[0].queries)


def _ticks_of_server() -> int:
    """What PostgreSQL's process for this connection has used, on this machine, with those that helped it and have ended, for
    whomever: it is to have nothing else to do. SQLite has none."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    used = _stat(pid)
    helped = _stat(int(used[1]))  # its parent, which all of them belong to
    return sum(map(int, [*used[11:13], *helped[13:15]]))


def _stat(pid: int) -> list[str]:
    """/proc/<pid>/stat from the third field on, the state."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def main() -> None:
    logging.disable(logging.WARNING)
    settings.ALLOWED_HOSTS = ["testserver"]
    clients = {}
    for user in User.objects.filter(username__in=["editor", *ROLES]).order_by("-is_superuser", "pk"):
        clients[user.username] = Client()
        clients[user.username].force_login(user)
    word = " ".join(sys.argv[1:])
    slow = 0
    print("    ms  processor  queries")
    for name, url in pages():
        if word not in name:
            continue
        login, page = slowest(clients, url)
        slow += page.ms > AIM_MS
        mark = " <<<" if page.ms > AIM_MS else ""
        print(
            f"{page.ms:6.0f}  {page.cpu_ms:9.0f}  {len(page.queries):7}  {name} [{login}]{mark}", flush=True
        )
        if word:
            for query in page.queries:
                if float(query["time"]) > SLOW_QUERY_S:
                    print(f"    {query['time']} s: {query['sql'][:2000]}")
    print(f"{slow} pages take more than {AIM_MS} ms")


if __name__ == "__main__":
    main()
