"""Settings of the search service. Everything that differs between machines comes from the environment.

A value that cannot be parsed is an error at start-up, never a silent default.
See docs/reference/settings.md.
"""

from __future__ import annotations

import logging
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from environs import Env, validate

from search_service.pages.addresses import check_template, origin

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
_not_empty = validate.Length(min=1)
_seconds = validate.Range(min=0, max=86_400, min_inclusive=False)

SECRET_KEY = env.str("SEARCH_SECRET_KEY", validate=_not_empty)
DEBUG = env.bool("SEARCH_DEBUG", default=False)
ALLOWED_HOSTS = env.list("SEARCH_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

# --- What the service keeps: derived data only. There is no relational database.
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var" / "search"), validate=_not_empty)).resolve()
INDEX_DIR = Path(env.str("INDEX_DIR", default=str(DATA_DIR / "index"), validate=_not_empty)).resolve()
SITEMAPS_DIR = Path(
    env.str("SITEMAPS_DIR", default=str(DATA_DIR / "sitemaps"), validate=_not_empty)
).resolve()
PLACES_DIR = Path(env.str("PLACES_DIR", default=str(DATA_DIR / "places"), validate=_not_empty)).resolve()
DATABASES: dict[str, dict[str, object]] = {}

# --- The CMS's change feed.
FEED_URL = env.str(
    "FEED_URL",
    default="http://localhost:8000/api/feed/changes",
    validate=[
        validate.URL(schemes={"http", "https"}, require_tld=False),
        validate.Regexp(".*/changes$", error="must end in /changes"),
    ],
)
FEED_TOKEN = env.str(
    "FEED_TOKEN", validate=validate.Regexp("[!-~]+$", error="must be printable ASCII, no blanks")
)
FEED_POLL_SECONDS = env.float("FEED_POLL_SECONDS", default=30.0, validate=_seconds)
FEED_AUDIT_SECONDS = env.float("FEED_AUDIT_SECONDS", default=86_400.0, validate=_seconds)
FEED_TIMEOUT_SECONDS = env.float("FEED_TIMEOUT_SECONDS", default=30.0, validate=_seconds)

# By what share the entities of a kind may be fewer in a new generation than in the live one.
REBUILD_MAX_FALL = env.float("REBUILD_MAX_FALL", default=0.5, validate=validate.Range(min=0, max=1))

# --- Languages. An answer falls back to this one when there is none in the language asked for.
LANGUAGE_CODE = env.str("SEARCH_DEFAULT_LOCALE", default="en", validate=_not_empty)
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

# --- Pages: where the front end shows them, and with how many doctors in reach one is worth a search engine's index.
_OWN_PAGES = "http://localhost:8001/doctors/{slug}{/place}/{?locale}"
PAGE_URL = env.str("PAGE_URL", default=_OWN_PAGES, validate=check_template)
INDEXABLE_MIN_DOCTORS = env.int("INDEXABLE_MIN_DOCTORS", default=3, validate=validate.Range(min=0))

# --- Sitemaps: none, unless it is said where the pages are. Where crawlers find the files: on the pages' host.
HAS_SITEMAPS = bool(env.str("PAGE_URL", default=""))
SITEMAPS_URL = env.str(
    "SITEMAPS_URL",
    default=f"{origin(PAGE_URL)}/",
    validate=validate.Regexp("https?://[^/?#]+/([^?#]*/)?$", error="must begin with http and end with /"),
)
SITEMAPS_SECONDS = env.float("SITEMAPS_SECONDS", default=3600.0, validate=_seconds)

# --- HTTP
ROOT_URLCONF = "search_service.urls"
WSGI_APPLICATION = "search_service.wsgi.application"
APPEND_SLASH = True
INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "search_service.feed",
    "search_service.places",
    "search_service.sitemaps",
    "search_service.api",
    "search_service.explorer",
]
MIDDLEWARE = [
    "search_service.api.middleware.public",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "search_service.api.caching.kept",
]
# How long an answer may be kept: by a browser, and by a CDN or proxy.
CACHE_SECONDS = env.int("SEARCH_CACHE_SECONDS", default=60, validate=validate.Range(min=0, max=86_400))
CDN_CACHE_SECONDS = env.int(
    "SEARCH_CDN_CACHE_SECONDS", default=300, validate=validate.Range(min=0, max=86_400)
)
# A CDN that is told what to purge: its kind, where it takes purges, and what lets us in.
CDN = env.str("SEARCH_CDN", default="", validate=validate.OneOf(["", "cloudflare", "fastly", "varnish"]))
CDN_PURGE_URL = env.str(
    "SEARCH_CDN_PURGE_URL",
    default="",
    validate=validate.Regexp("(https?://.+)?$", error="must begin with http:// or https://"),
)
if CDN and not CDN_PURGE_URL:
    raise ImproperlyConfigured("SEARCH_CDN_PURGE_URL: is needed with SEARCH_CDN")
CDN_TOKEN = env.str("SEARCH_CDN_TOKEN", default="", validate=validate.Regexp("[!-~]*$"))
# Requests of one client in so many seconds, or "off"; counted in Redis or, without it, in a file.
RATE_LIMIT = env.str(
    "SEARCH_RATE_LIMIT",
    default="1200/60",
    validate=validate.Regexp(r"(off|[1-9][0-9]{0,8}/[1-9][0-9]{0,4})$", error="must be like 1200/60, or off"),
)
LIMITS_FILE = DATA_DIR / "limits"
# How many proxies stand before the service that each add to X-Forwarded-For who asked them.
TRUSTED_PROXIES = env.int("SEARCH_TRUSTED_PROXIES", default=0, validate=validate.Range(min=0, max=10))
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
    }
]
STATIC_URL = "/static/"
STATIC_ROOT = Path(
    env.str("SEARCH_STATIC_ROOT", default=str(DATA_DIR / "static" / "search"), validate=_not_empty)
).resolve()

REST_FRAMEWORK = {
    # Everything here is public and read-only: no users, no sessions, no CSRF.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": ["search_service.api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "search_service.api.renderers.FirstRenderer",
    # No `?format=`: an unknown parameter is an error.
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "search_service.api.problems.exception_handler",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "doctors-near-you",
    "DESCRIPTION": (
        "Condition articles, and the doctors nearest to any place who treat the condition.\n\n"
        "Read only: anything but GET, HEAD and OPTIONS is a 405. Every error is `application/problem+json` (RFC 9457)."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "search_service.api.openapi.complete",
    ],
    # Where several fields of one name have choices of their own. A client's types are called so.
    "ENUM_NAME_OVERRIDES": {
        "JobStateEnum": ["running", "done", "refused", "failed", "killed"],
        "SitemapsStateEnum": ["off", "none", "running", "done", "failed", "killed"],
        "PlaceStatusEnum": ["exact", "ambiguous", "approximate", "none"],
        "PlaceAssumedEnum": [
            *("completion", "spelling", "area", "description", "script", "postal_code", "position")
        ],
    },
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- Celery. The broker only carries nudges: nothing depends on a message arriving.
REDIS_URL = env.str("REDIS_URL", default="", validate=validate.Regexp("(rediss?://.+)?$"))
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
        # Redelivered seconds after a worker was killed, where Celery's default is an hour. A task that takes
        # longer is redelivered, too: each can bear it.
        "visibility_timeout": 10,
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
        # The lock under which one worker at a time redelivers, for some milliseconds. A worker that is killed
        # meanwhile leaves it behind: by default for 300 s, in which nothing is redelivered.
        "unacked_mutex_expire": 5,
    }
else:
    CELERY_BROKER_URL = "filesystem://localhost//"
    CELERY_BROKER_TRANSPORT = "search_service.broker:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(DATA_DIR / "broker"),
        "data_folder_out": str(DATA_DIR / "broker"),
        "control_folder": str(DATA_DIR / "broker" / "control"),
        "polling_interval": 0.1,
    }
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for as long as the broker is away
CELERY_TASK_DEFAULT_QUEUE = "search"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    # The safety net: whatever became of the nudges, the feed is read this often.
    "pull-changes": {
        "task": "search_service.pull_changes",
        "schedule": FEED_POLL_SECONDS,
        "options": {"expires": FEED_POLL_SECONDS},
    },
    "audit-index": {
        "task": "search_service.audit_index",
        "schedule": FEED_AUDIT_SECONDS,
        "options": {"expires": FEED_AUDIT_SECONDS},
    },
    # It only looks whether they are due.
    "build-sitemaps": {
        "task": "search_service.build_sitemaps",
        "schedule": FEED_POLL_SECONDS,
        "options": {"expires": FEED_POLL_SECONDS},
    },
}
CELERY_BEAT_SCHEDULER = "search_service.beat:Scheduler"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request": {"()": "search_service.api.logs.RequestFilter"}},
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.log_level("SEARCH_LOG_LEVEL", default=logging.INFO)},
    "loggers": {
        # Not each 4xx; and of a 5xx the route only.
        "django.request": {"level": "ERROR", "filters": ["request"]},
        # Anyone can send a wrong host or a thousand parameters; a traceback for each would fill the disk.
        "django.security": {"level": "CRITICAL"},
    },
}
