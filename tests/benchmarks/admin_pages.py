"""The pages of the admin that `bench_admin` asks for; run by it, with the environment of the CMS.

    DATABASE_URL=… CMS_SECRET_KEY=… FEED_TOKEN=… python -m tests.benchmarks.admin_pages [WORD]

With a word, only the pages whose names have it are measured, and their slowest queries shown.
"""

from __future__ import annotations

import logging
import os
import statistics
import sys
import time
from collections.abc import Iterator

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings")
django.setup()

from django.conf import settings  # noqa: E402 - the settings first
from django.contrib.auth.models import User  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402

from cms.conditions.models import ConditionIndexPage, ConditionPage  # noqa: E402
from cms.doctors.models import DoctorIndexPage, DoctorPage  # noqa: E402
from cms.doctors.practices import Practice  # noqa: E402
from cms.taxonomy.models import Specialty  # noqa: E402

AIM_MS = 500
TIMES = 5
SLOW_QUERY_S = 0.03


def pages() -> Iterator[tuple[str, str]]:
    """Names and addresses."""
    doctors, conditions = DoctorIndexPage.objects.first(), ConditionIndexPage.objects.first()
    hospital = Practice.objects.order_by("pk")[0]
    doctor, condition = DoctorPage.objects.order_by("-pk")[10], ConditionPage.objects.order_by("-pk")[10]
    specialty = Specialty.objects.get(slug="neurology")
    assert doctors is not None
    assert conditions is not None
    explorer, listing = reverse("wagtailadmin_explore", args=[doctors.pk]), reverse("doctors:index")
    last = DoctorPage.objects.count() // 50

    yield "home", reverse("wagtailadmin_home")
    yield "explorer, home", reverse("wagtailadmin_explore", args=[doctors.get_parent().pk])
    yield "explorer, doctors", explorer
    yield "explorer, doctors, late page", f"{explorer}?p={last}"
    yield "explorer, doctors, by name", f"{explorer}?ordering=title"
    yield "explorer, doctors, searched", f"{explorer}?q=example+99"
    yield "explorer, conditions", reverse("wagtailadmin_explore", args=[conditions.pk])
    yield "search for pages", reverse("wagtailadmin_pages:search") + "?q=example+99"
    yield "doctors", listing
    for name, query in (
        ("late page", f"p={last}"),
        ("by name", "ordering=title"),
        ("by name, late page", f"ordering=title&p={last}"),
        ("by day of verification", "ordering=verified_at"),
        ("searched", "q=example+99"),
        ("searched, a word of all", "q=example"),
        ("searched and filtered", f"q=example+99&specialty={specialty.pk}"),
        ("specialty", f"specialty={specialty.pk}"),
        ("country", "country=IN"),
        ("practice", "practice=SNM"),
        ("place", "practice=Town+1"),
        ("language", "language=en"),
        ("telehealth", "telehealth=true"),
        ("accepting", "accepting=yes"),
        ("accepting nowhere", "accepting=no"),
        ("without a practice", "without_practice=true"),
        ("not verified since", "not_verified_since=2026-06-01"),
        ("never verified", "never_verified=true"),
        ("registration", "registration=TWICE-7"),
        ("not live", "status=draft"),
        ("newer draft", "status=changed"),
        ("locale", "locale=en"),
        (
            "six filters",
            f"specialty={specialty.pk}&country=IN&language=en&telehealth=true&accepting=yes&status=live",
        ),
    ):
        yield f"doctors: {name}", f"{listing}?{query}"
    yield "possible duplicates", reverse("doctor_duplicates")
    yield "doctor, edit", reverse("wagtailadmin_pages:edit", args=[doctor.pk])
    yield "doctor, add", reverse("wagtailadmin_pages:add", args=["doctors", "doctorpage", doctors.pk])
    yield "doctor, history", reverse("wagtailadmin_pages:history", args=[doctor.pk])
    yield "doctor, usage", reverse("wagtailadmin_pages:usage", args=[doctor.pk])
    yield "doctor, delete", reverse("wagtailadmin_pages:delete", args=[doctor.pk])
    yield "condition, edit", reverse("wagtailadmin_pages:edit", args=[condition.pk])
    yield "condition, usage", reverse("wagtailadmin_pages:usage", args=[condition.pk])
    for name, snippet in (("practice", hospital), ("specialty", specialty)):
        view = f"wagtailsnippets_{snippet._meta.app_label}_{snippet._meta.model_name}"
        yield f"{name}: list", reverse(f"{view}:list")
        yield f"{name}: list, searched", reverse(f"{view}:list") + "?q=hospital"
        yield f"{name}: edit", reverse(f"{view}:edit", args=[snippet.pk])
        yield f"{name}: usage", reverse(f"{view}:usage", args=[snippet.pk])
        yield f"{name}: history", reverse(f"{view}:history", args=[snippet.pk])
        yield f"{name}: delete", reverse(f"{view}:delete", args=[snippet.pk])
        chooser = f"wagtailsnippetchoosers_{snippet._meta.app_label}_{snippet._meta.model_name}"
        yield f"{name}: chooser", reverse(f"{chooser}:choose")
        yield f"{name}: chooser, searched", reverse(f"{chooser}:choose_results") + "?q=ex"
    chooser = reverse("wagtailadmin_choose_page")
    yield "chooser of pages", f"{chooser}?page_type=wagtailcore.page"
    yield "chooser of conditions", f"{chooser}?page_type=conditions.conditionpage&multiple=1"
    below = reverse("wagtailadmin_choose_page_child", args=[conditions.pk])
    yield "chooser of conditions, the folder", f"{below}?page_type=conditions.conditionpage"
    yield (
        "chooser of conditions, searched",
        reverse("wagtailadmin_choose_page_search") + "?page_type=conditions.conditionpage&q=condition+99",
    )
    below = reverse("wagtailadmin_choose_page_child", args=[doctors.pk])
    yield "chooser of pages, doctors", f"{below}?page_type=wagtailcore.page"
    yield "site history", reverse("wagtailadmin_reports:site_history")
    yield "report: aging pages", reverse("wagtailadmin_reports:aging_pages")
    yield "report: locked pages", reverse("wagtailadmin_reports:locked_pages")
    yield "report: page types", reverse("wagtailadmin_reports:page_types_usage")


def main() -> None:
    logging.disable(logging.WARNING)
    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client()
    client.force_login(User.objects.get(username="editor"))
    word = " ".join(sys.argv[1:])
    slow = 0
    for name, url in pages():
        if word not in name:
            continue
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(url)
        queries = list(captured)
        times = []
        for _ in range(TIMES):
            started = time.perf_counter()
            client.get(url)
            times.append(1000 * (time.perf_counter() - started))
        median = statistics.median(times)
        slow += median > AIM_MS
        mark = " <<<" if median > AIM_MS or answer.status_code != 200 else ""
        print(f"{median:8.0f} ms {len(queries):4} queries  {name} [{answer.status_code}]{mark}", flush=True)
        if word:
            for query in queries:
                if float(query["time"]) > SLOW_QUERY_S:
                    print(f"    {query['time']} s: {query['sql'][:2000]}")
    print(f"{slow} pages take more than {AIM_MS} ms")


if __name__ == "__main__":
    main()
