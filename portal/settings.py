"""Settings, driven by environment variables.

Without ``DATABASE_URL`` and ``REDIS_URL`` the addresses of the bundled servers are read from
``var/run/servers.json``, which ``manage.py up`` writes, so that any other command typed beside a
running ``make run`` finds them. ``docs/reference/settings.md`` lists every variable.
"""

import json
import os
import secrets
import sys
from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from portal.schedule import SCHEDULE

# Before anything imports numpy: our matrices are small and our processes many, and threads that
# wait for each other's cores make learning take six times as long.
for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

django_stubs_ext.monkeypatch()
env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.str("PORTAL_VAR", default=str(BASE_DIR / "var")))

# --------------------------------------------------------------------------- servers

# Commands that work without any server: they must not demand one at boot.
SERVERLESS_COMMANDS = {"up", "due_date", "texts", "help"}


def _bundled_servers() -> dict[str, str]:
    """Addresses of the bundled servers, empty when ``manage.py up`` never ran."""
    path = VAR_DIR / "run" / "servers.json"
    if not path.is_file():
        return {}
    addresses: dict[str, str] = json.loads(path.read_text())
    return addresses


def _needs_servers() -> bool:
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    return env.str("PORTAL_BOOT", default="") != "up" and command not in SERVERLESS_COMMANDS


def _address(name: str) -> str:
    address: str = env.str(name, default="") or _bundled_servers().get(name, "")
    if not address and _needs_servers():
        raise ImproperlyConfigured(
            f"{name} is not set and no bundled server is running. "
            f"Set {name}, or start the bundled servers with 'make run'."
        )
    return address


def _secret_key() -> str:
    """The key from the environment, or one made once and kept in ``var/`` (mode 0600)."""
    if key := env.str("SECRET_KEY", default=""):
        return str(key)
    path = VAR_DIR / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(64))
    return path.read_text()


DATABASE_URL = _address("DATABASE_URL")
REDIS_URL = _address("REDIS_URL")


def _database(address: str) -> dict[str, Any]:
    """Django's settings for an address; a socket folder may be its host."""
    config: dict[str, Any] = env.db_url_config(address)
    # The query part (sslmode, a socket folder as host) is kept for libpq.
    options: dict[str, Any] = config.get("OPTIONS", {})
    # Pooled, because web processes serve many threads and CONN_MAX_AGE leaks under ASGI. A command
    # that works without a database must not wait for a pool to fill.
    if _needs_servers() and (pool_size := env.int("DATABASE_POOL", default=16)):
        options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 10}
    return config | {
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": 0,
        "HOST": options.pop("host", config["HOST"]),
        "OPTIONS": options,
    }


DATABASES = {
    "default": (_database(DATABASE_URL) if DATABASE_URL else {"ENGINE": "django.db.backends.dummy"})
}
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}

# --------------------------------------------------------------------------- basics

SECRET_KEY = _secret_key()
DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("PORTAL_DEMO", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
PUBLIC_URL = env.str("PUBLIC_URL", default=f"http://127.0.0.1:{env.str('PORT', default='8000')}")
ROOT_URLCONF = "portal.urls"
ASGI_APPLICATION = "portal.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "core.User"

INSTALLED_APPS = [
    "portal.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",  # indexes on expressions name their operator class
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_htmx",
    "django_cotton.apps.SimpleAppConfig",
    "lucide",
    "csp",
    "portal.core",
    "portal.figures",
    "brands",
    "pushes",
    "complaints",
]
MIDDLEWARE = [
    "portal.core.web.streams.StreamMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.core.web.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.core.web.middleware.ErrorMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "portal" / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton", "portal.core.templatetags.icons"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.core.web.context.page",
            ],
        },
    }
]

# --------------------------------------------------------------------------- people

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "portal.core.web.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_UNIQUE_EMAIL = True
# Behind a proxy the limits on sign-in count the address the proxy saw, not the proxy itself.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.bool("BEHIND_PROXY", default=False) else 0
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Brand portal"
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 60 * 60 * 12
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("HTTPS", default=False)
CSRF_COOKIE_HTTPONLY = True

# --------------------------------------------------------------------------- language and time

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "portal" / "locale"]
FORMAT_MODULE_PATH = ["portal.formats"]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"

# --------------------------------------------------------------------------- files

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "portal" / "static"]
# Finders keep `make run` free of a collectstatic step; a deployment that ran it gets the copies.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(VAR_DIR / "media")))
# The largest body of any request, files included; the rest is thrown away unread as it comes in.
UPLOAD_MAX_BYTES = 64 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --------------------------------------------------------------------------- mail

EMAIL_URL = env.str("EMAIL_URL", default="")
if EMAIL_URL:
    vars().update(env.email_url_config(EMAIL_URL))
else:
    # Nobody's mail gets lost while SMTP is not set up: platform staff read it on a page.
    EMAIL_BACKEND = "portal.core.mail.PageBackend"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="portal@localhost")

# --------------------------------------------------------------------------- wire security

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if SESSION_COOKIE_SECURE else 0
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
)
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        # A certificate is shown beside the fields it proves.
        "frame-src": [SELF],
    }
}

# --------------------------------------------------------------------------- API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "portal.core.api.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["portal.core.api.permissions.HasActor"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["portal.core.api.parsers.CappedJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "portal.core.api.pagination.NewestFirst",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["portal.core.api.throttling.ActorThrottle"],
    "DEFAULT_THROTTLE_RATES": {"actor": env.str("API_RATE", default="1200/min")},
    "EXCEPTION_HANDLER": "portal.core.api.problems.problem_handler",
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Brand rights-holder co-construction portal",
    "DESCRIPTION": "Registry, listings, suspected links, verdicts and complaints.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # Columns of one name with different choices; without these their types get names by hash.
    "ENUM_NAME_OVERRIDES": {
        "BrandNameKindEnum": "brands.models.BrandName.Kind",
        "CharacteristicKindEnum": "brands.models.Characteristic.Kind",
        "CharacteristicStateEnum": "brands.models.Characteristic.State",
        "LinkStateEnum": "pushes.models.SuspectedLink.State",
        "ComplaintStateEnum": "complaints.models.Complaint.State",
    },
}

# --------------------------------------------------------------------------- work

CELERY_BROKER_URL = (
    REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
    if REDIS_URL.startswith("unix://")
    else REDIS_URL
)
CELERY_TASK_IGNORE_RESULT = True
# A killed worker gives its message back; the database decides whether anything is left to do.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_interval": 1,
    "throttle": 1,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = SCHEDULE

# --------------------------------------------------------------------------- the product's own

# Seconds during which a verdict or a complaint can be undone before it takes effect.
UNDO_SECONDS = env.float("UNDO_SECONDS", default=8.0)
# Open event streams one member may have, in all browsers and web processes together.
LIVE_STREAMS_PER_MEMBER = env.int("LIVE_STREAMS_PER_MEMBER", default=8)
# Share of judged links that another reviewer of the brand sees again, blind.
SECOND_LOOK_SHARE = env.float("SECOND_LOOK_SHARE", default=0.03)
# Days after which the default term of a verdict ends (working days of the brand's calendar).
VERDICT_WORKING_DAYS = env.int("VERDICT_WORKING_DAYS", default=5)
# Working days in which the platform decides a complaint, of standard and of trusted accounts.
DECISION_WORKING_DAYS = env.int("DECISION_WORKING_DAYS", default=5)
DECISION_WORKING_DAYS_TRUSTED = env.int("DECISION_WORKING_DAYS_TRUSTED", default=2)
# Where statements of reasons about the European Economic Area are sent; unset, they wait.
EU_DATABASE_URL = env.str("EU_DATABASE_URL", default="")
EU_DATABASE_TOKEN = env.str("EU_DATABASE_TOKEN", default="")
# Days after the end of a case for which it is kept who signed a counter-notice.
SELLER_IDENTITY_DAYS = env.int("SELLER_IDENTITY_DAYS", default=3 * 365 + 1)
# Aggregates with fewer contributing brands are suppressed.
FIGURES_MINIMUM_BRANDS = env.int("FIGURES_MINIMUM_BRANDS", default=5)
# Rows an import commits at a time.
IMPORT_CHUNK = env.int("IMPORT_CHUNK", default=500)
IMAGE_MAX_BYTES = 10 * 1024 * 1024
IMAGE_MAX_PIXELS = 20_000_000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"httpx": {"level": "WARNING"}},
}
