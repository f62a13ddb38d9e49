"""Settings of the CMS. Everything that differs between machines comes from the environment.

A value that cannot be parsed is an error at start-up, never a silent default.
See docs/reference/settings.md.
"""

from __future__ import annotations

import re
import zoneinfo
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from environs import Env

from cms.conditions.aspects import HEALTH_ASPECTS

# By scheme: without TLS, from STARTTLS on, from the first byte on.
EMAIL_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


def _not_empty(value: str) -> None:
    if not value:
        raise ValueError("must not be empty")


def _web_url(value: str) -> None:
    url = urlsplit(value)
    # A port that is none is a ValueError of its own.
    if url.scheme not in ("http", "https") or not url.hostname or url.port == 0:
        raise ValueError("must be like https://cms.example.org")


def _media_url(value: str) -> None:
    if not re.fullmatch("/[!-~]+", value) or value.startswith("//"):
        _web_url(value)


def _aspects(value: list[str]) -> None:
    if unknown := sorted(set(value) - dict(HEALTH_ASPECTS).keys()):
        raise ValueError(f"must be aspects of articles, such as treatments, not {unknown[0]!r}")


def _redis_url(value: str) -> None:
    if value and urlsplit(value).scheme not in ("redis", "rediss"):
        raise ValueError("must be like redis://localhost:6379/0")


def _email_url(value: str) -> None:
    url = urlsplit(value)
    # A port that is none is a ValueError of its own.
    if value and (url.scheme not in EMAIL_PORTS or not url.hostname or url.port == 0 or url.path.strip("/")):
        raise ValueError("must be like smtp+starttls://user:password@mail.example.org:587")


def _email_address(value: str) -> None:
    _, address = parseaddr(value)
    if value and ("@" not in address or not value.isprintable()):
        raise ValueError("must be like cms@example.org, or Doctors near you <cms@example.org>")


def _seconds(value: float) -> None:
    if not 0 < value <= 86_400:
        raise ValueError("must be more than 0 and at most 86400")


def _km(value: float) -> None:
    if not 0 < value <= 20_000:
        raise ValueError("must be more than 0 and at most 20000")


def _tile_url(value: str) -> None:
    if value and not (
        value.startswith(("https://", "http://")) and {"{z}", "{x}", "{y}"} <= {*re.findall("{.}", value)}
    ):
        raise ValueError("must be like https://tiles.example.org/{z}/{x}/{y}.png")


def _days(value: int) -> None:
    if not 0 <= value <= 36_500:
        raise ValueError("must be from 0 to 36500")


def _token(value: str) -> None:
    if not re.fullmatch("[!-~]+", value):
        raise ValueError("must be printable ASCII, no blanks")


env = Env()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var" / "cms"), validate=_not_empty)).resolve()

SECRET_KEY = env.str("CMS_SECRET_KEY", validate=_not_empty)
DEBUG = env.bool("CMS_DEBUG", default=False)
ALLOWED_HOSTS = env.list("CMS_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
BASE_URL = env.str("CMS_BASE_URL", default="http://localhost:8000", validate=_web_url).rstrip("/")

# --- Applications.
INSTALLED_APPS = [
    "cms.home",
    "cms.languages",  # before wagtail_localize: its templates and addresses go first
    "cms.content_api",
    "cms.taxonomy",
    "cms.review",
    "cms.conditions",
    "cms.doctors",
    "cms.page_texts",
    "cms.feed",
    "cms.search_status",
    "cms.roles",
    "cms.imports",
    "cms.dashboard",
    "cms.mail",
    "cms.demo",
    "wagtail.api.v2",
    "wagtail.contrib.typed_table_block",
    "wagtail_localize",
    "wagtail_localize.locales",  # in the place of wagtail.locales
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",  # not used yet, but the admin's templates do not render without these two
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "cms.middleware.EditorialTransactionMiddleware",
]

ROOT_URLCONF = "cms.urls"
WSGI_APPLICATION = "cms.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Database: SQLite by default, PostgreSQL through DATABASE_URL.
DATABASES = {
    "default": env.dj_db_url(
        "DATABASE_URL",
        default=f"sqlite:///{quote(str(DATA_DIR))}/cms.sqlite3",
        conn_max_age=60,
        conn_health_checks=True,
    ),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: a transaction that reads first and then writes cannot be upgraded once another process
    # has written in between; SQLite fails it at once (SQLITE_BUSY_SNAPSHOT), whatever the timeout. Taking the
    # write lock at BEGIN makes it wait its turn instead. It costs readers nothing as long as only what
    # writes opens a transaction: never set ATOMIC_REQUESTS, never call atomic() in a GET.
    # WAL: readers go on while one writes. `synchronous` stays FULL: what was published survives a power cut.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,  # seconds to wait for the write lock
        "init_command": "PRAGMA journal_mode=WAL",
    }
    # SQLite makes the file, but not the folder.
    Path(DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    # Tests, too, have a file: in memory, SQLite knows no WAL and locks tables.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
else:
    # A database host that swallows packets must not hang the health endpoints.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)

# --- Users.
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

CSRF_TRUSTED_ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(BASE_URL))]
# TLS ends at the proxy in front; the browser must be told all the same.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BASE_URL.startswith("https://") and not DEBUG

# --- Languages. `WAGTAIL_CONTENT_LANGUAGES` are those that an editor may add as locales.
LANGUAGE_CODE = "en"
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [
    ("en", "English"),
    ("hi", "Hindi"),
    ("es", "Spanish"),
    ("ar", "Arabic"),
    ("bn", "Bengali"),
    ("de", "German"),
    ("fr", "French"),
    ("id", "Indonesian"),
    ("ja", "Japanese"),
    ("ne", "Nepali"),
    ("pt", "Portuguese"),
    ("ru", "Russian"),
    ("sw", "Swahili"),
    ("ur", "Urdu"),
    ("zh-hans", "Chinese (simplified)"),
]
USE_I18N = True
WAGTAIL_I18N_ENABLED = True
# A translation begins as a draft, and stays known as one when its source is deleted.
WAGTAILLOCALIZE_SYNC_LIVE_STATUS_ON_TRANSLATE = False
WAGTAILLOCALIZE_DISABLE_ON_DELETE = True
TIME_ZONE = "UTC"
USE_TZ = True
# Debian lists the machine's own zone as one more, which browsers refuse: the account page's script would stop.
WAGTAIL_USER_TIME_ZONES = sorted(zoneinfo.available_timezones() - {"localtime"})

# --- Files.
STATIC_URL = "/static/"
STATIC_ROOT = Path(
    env.str("CMS_STATIC_ROOT", default=str(DATA_DIR / "static" / "cms"), validate=_not_empty)
).resolve()
MEDIA_URL = env.str("CMS_MEDIA_URL", default="/media/", validate=_media_url).rstrip("/") + "/"
MEDIA_ROOT = DATA_DIR / "media"

# --- Wagtail.
WAGTAIL_SITE_NAME = "Doctors near you"
WAGTAILADMIN_BASE_URL = WAGTAILAPI_BASE_URL = BASE_URL
WAGTAILAPI_LIMIT_MAX = 100
WAGTAILAPI_RICH_TEXT_FORMAT = "html"
_ON_SQLITE = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
WAGTAILSEARCH_BACKENDS = {
    "default": {"BACKEND": f"cms.search_backends.{'sqlite' if _ON_SQLITE else 'postgresql'}"}
}
# What Pillow reads without help and browsers show. No SVG: it can carry scripts.
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
# A photograph of 7,000 x 5,000. Unpacked, a pixel takes four bytes of memory.
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 40_000_000
WAGTAILIMAGES_IMAGE_FORM_BASE = "cms.image_form.ImageForm"
# Sections of these aspects need a citation before they are published.
CITED_ASPECTS: list[str] = env.list("CMS_CITED_ASPECTS", default=[], validate=_aspects)
# A condition with all its sections, names, phrases and codes has more than Django's 1,000 fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
# Nothing of the editors is sent to third parties.
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None

# --- E-mail. Without a server nothing is sent, and nothing pretends to be. With one, messages are kept in the database, and
# sent by the worker.
_EMAIL = urlsplit(env.str("CMS_EMAIL_URL", default="", validate=_email_url))
EMAIL_BACKEND = (
    "cms.mail.backend.EmailBackend" if _EMAIL.scheme else "django.core.mail.backends.dummy.EmailBackend"
)
EMAIL_HOST, EMAIL_PORT = _EMAIL.hostname or "", _EMAIL.port or EMAIL_PORTS.get(_EMAIL.scheme, 25)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_EMAIL.username or ""), unquote(_EMAIL.password or "")
EMAIL_USE_TLS, EMAIL_USE_SSL = _EMAIL.scheme == "smtp+starttls", _EMAIL.scheme == "smtps"
EMAIL_TIMEOUT = 10.0
DEFAULT_FROM_EMAIL = SERVER_EMAIL = (
    env.str("CMS_EMAIL_FROM", default="", validate=_email_address) or f"cms@{urlsplit(BASE_URL).hostname}"
)
# Who approves is told; an administrator who does is in the group.
WAGTAILADMIN_NOTIFICATION_INCLUDE_SUPERUSERS = False
WAGTAIL_PASSWORD_RESET_ENABLED = bool(_EMAIL.scheme)

# --- OpenAPI of the content API. The change feed is no part of it: its contract is in contracts/.
REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}
SPECTACULAR_SETTINGS = {
    "TITLE": "doctors-near-you: content",
    "DESCRIPTION": "Published articles, doctors and their pages' tree, read-only.",
    "VERSION": "2",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v2",
    "PREPROCESSING_HOOKS": ["cms.content_api.schema.without_the_feed"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- Medical review. An article is published by the approval of its workflow.
WAGTAIL_FINISH_WORKFLOW_ACTION = "cms.review.finishing.publish_approved"
# An approval is of one revision: an edit at a later step is approved again.
WAGTAIL_WORKFLOW_REQUIRE_REAPPROVAL_ON_EDIT = True
CMS_REVIEW_INTERVAL_DAYS = env.int("CMS_REVIEW_INTERVAL_DAYS", default=730, validate=_days)
CMS_REVIEW_WARNING_DAYS = env.int("CMS_REVIEW_WARNING_DAYS", default=60, validate=_days)
CMS_REVIEW_GRACE_DAYS = env.int("CMS_REVIEW_GRACE_DAYS", default=None, validate=_days)

# --- The change feed's readers show this token.
FEED_TOKEN = env.str("FEED_TOKEN", validate=_token)

# --- The search service, which is asked what it has. An editor waits for it.
SEARCH_URL = env.str("SEARCH_URL", default="http://localhost:8001", validate=_web_url).rstrip("/")
SEARCH_TIMEOUT_SECONDS = env.float("SEARCH_TIMEOUT_SECONDS", default=1.0, validate=_seconds)

# --- Practices. How far from the middle of its town a practice may be, beside the town's own extent.
CMS_PLACE_CHECK_KM = env.float("CMS_PLACE_CHECK_KM", default=30.0, validate=_km)
# Tiles behind the map on which its point is shown: editors' browsers ask that server for them. Without, only the
# coastline that ships is drawn, and nobody is asked.
CMS_MAP_TILE_URL = env.str("CMS_MAP_TILE_URL", default="", validate=_tile_url)
CMS_MAP_ATTRIBUTION = env.str("CMS_MAP_ATTRIBUTION", default="")

# --- Celery. The web processes only send; a worker publishes what is scheduled. Without Redis, the broker
# is a folder.
REDIS_URL = env.str("REDIS_URL", default="", validate=_redis_url)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "cms"
# A message is a nudge and nothing depends on it: an editor must never wait for a broker that is down.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_TIMEOUT = 1.0
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
        "socket_connect_timeout": 1.0,
        "socket_timeout": 1.0,
        "max_retries": 0,
        # Redelivered seconds after a worker was killed, where Celery's default is an hour.
        "visibility_timeout": 10,
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
        # The lock under which one worker at a time redelivers, for some milliseconds. A worker that is killed
        # meanwhile leaves it behind: by default for 300 s, in which nothing is redelivered.
        "unacked_mutex_expire": 5,
    }
else:
    BROKER_DIR = DATA_DIR / "broker"
    CELERY_BROKER_URL = "filesystem://localhost//"
    CELERY_BROKER_TRANSPORT = "cms.broker:Transport"
    # In and out are one folder: what one process puts, the other takes.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR),
        "data_folder_out": str(BROKER_DIR),
        "control_folder": str(BROKER_DIR / "control"),
    }

CMS_SCHEDULE_SECONDS = env.float("CMS_SCHEDULE_SECONDS", default=60.0, validate=_seconds)
CELERY_BEAT_SCHEDULE = {
    "publish-scheduled": {
        "task": "cms.publish_scheduled",
        "schedule": CMS_SCHEDULE_SECONDS,
        # One that has waited for a worker until the next came is not needed.
        "options": {"expires": CMS_SCHEDULE_SECONDS},
    },
    "unpublish-overdue": {
        "task": "cms.unpublish_overdue",
        "schedule": 3600.0,
        "options": {"expires": 3600.0},
    },
    "count-listed-doctors": {
        "task": "cms.count_listed_doctors",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    },
}
if EMAIL_HOST:
    CELERY_BEAT_SCHEDULE["send-mail"] = {
        "task": "cms.send_mail",
        "schedule": 10.0,
        "options": {"expires": 10.0},
    }
CELERY_BEAT_SCHEDULER = "cms.beat:Scheduler"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for as long as the broker is away
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# --- Logs go to stdout. Query strings are not logged: they tell what people look for.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {
        "stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "line"},
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["stdout"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # Wagtail's two "tasks" per save run inside it.
        "django_tasks": {"level": "WARNING"},
        # runserver's request lines carry query strings.
        "django.server": {"handlers": ["nowhere"], "propagate": False},
    },
}
