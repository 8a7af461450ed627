"""Settings, read from the environment; embedded defaults where the environment says nothing.

With `DATABASE_URL` and `REDIS_URL` set nothing embedded is used. `connector/checks.py` refuses to start on what
cannot work.
"""

import base64
import os
import re
from datetime import timedelta
from pathlib import Path

import environ

from connector.logs import logging_config
from connector.mail_settings import mail_settings
from connector.theme_settings import UNFOLD  # noqa: F401 (a setting, kept in a file of its own)

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()
env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
EMBEDDED = not env.str("DATABASE_URL", default="")
ENVIRONMENT = env.str("ENVIRONMENT", default="demo" if EMBEDDED else "production")


def _embedded_secret(name: str) -> str:
    """Keep a random secret of the embedded installation in a file that only its owner reads."""
    import secrets

    path = VAR_DIR / name
    if not path.exists():
        VAR_DIR.mkdir(mode=0o700, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(base64.b64encode(secrets.token_bytes(32)).decode())
    return path.read_text().strip()


# Core
SECRET_KEY = env.str("SECRET_KEY", default="") or (_embedded_secret("secret.key") if EMBEDDED else "")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[]) or (["localhost", "127.0.0.1"] if EMBEDDED else [])
if ALLOWED_HOSTS and "127.0.0.1" not in ALLOWED_HOSTS:
    ALLOWED_HOSTS.append("127.0.0.1")  # a health check from inside the same container
ROOT_URLCONF = "connector.urls"
WSGI_APPLICATION = "connector.wsgi.application"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "/admin/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    # Console: the theme stands before the admin so that its templates win.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "connector.console.apps.ConsoleConfig",
    # End of console.
    "connector.apps.ConnectorConfig",
    "core",
    "axes",
    "django_otp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "connector.middleware.RequestGuard",
    "django.middleware.security.SecurityMiddleware",
    "connector.console.policy.ContentPolicy",  # console
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "connector.console.row_wall.RowWall",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "connector" / "console" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["connector.console.tags"],  # console
        },
    }
]

# Database: rows are the queue, so both databases run the same conditional updates.
DATABASE_URL = env.str("DATABASE_URL", default="") or f"sqlite:///{VAR_DIR / 'connector.sqlite3'}"
DATABASES = {"default": environ.Env.db_url_config(DATABASE_URL)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    VAR_DIR.mkdir(mode=0o700, exist_ok=True)
    DATABASES["default"]["CONN_MAX_AGE"] = None
    # A file, since threads and processes of a test share it; one a process, since test runs stand side by side.
    DATABASES["default"]["TEST"] = {"NAME": VAR_DIR / f"test-{os.getpid()}.sqlite3"}
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA busy_timeout=20000;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# A second wall around tenants in PostgreSQL itself (core/row_security.py); put in place by the next migrate.
ROW_LEVEL_SECURITY = env.bool("ROW_LEVEL_SECURITY", default=False)

# Redis: the bell and the rate limiter; nothing in it is the only copy.
EMBEDDED_REDIS = not env.str("REDIS_URL", default="")
REDIS_URL = env.str("REDIS_URL", default="") or f"unix://{VAR_DIR / 'valkey.sock'}"
CELERY_BROKER_URL = re.sub(r"^unix://", "redis+socket://", REDIS_URL)
VISIBILITY_SECONDS = 1800

# Logs: one JSON object a line on standard error, without secrets (connector/logs.py).
LOGGING = logging_config(env.str("LOG_LEVEL", default="INFO"))
DEFAULT_EXCEPTION_REPORTER_FILTER = "connector.redaction.ReportFilter"

# Language and time
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

# Signing in: a second factor outside of development, a lock after five wrong passwords, sessions of a working day.
SECOND_FACTOR = env.bool("SECOND_FACTOR", default=not DEBUG)
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["connector.passwords.Argon2", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "connector.console.signin.locked.locked_out"
AXES_CLIENT_IP_CALLABLE = "connector.client_address.client_address"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True  # the audit trail has it
AXES_VERBOSE = False
SESSION_COOKIE_AGE = 8 * 3600
# How many proxies of ours stand in front and append to X-Forwarded-For.
PROXY_COUNT = env.int("PROXY_COUNT", default=0)

# The web: over HTTPS only, unless this is development or an embedded installation on this machine alone.
HTTPS = env.bool("HTTPS", default=not DEBUG and not EMBEDDED)
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
if HTTPS:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
LARGEST_REQUEST = 8 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 3

# Static files
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "connector" / "console" / "static"]

# The vault's key-encryption keys: id=BASE64 of 32 bytes, comma-separated.
CONNECTOR_KEKS = env.str("CONNECTOR_KEKS", default="")
CONNECTOR_KEK_ACTIVE = env.str("CONNECTOR_KEK_ACTIVE", default="")
if EMBEDDED and not CONNECTOR_KEKS:
    CONNECTOR_KEKS = f"embedded={_embedded_secret('kek.key')}"
    CONNECTOR_KEK_ACTIVE = "embedded"

# Xero
XERO_CLIENT_ID = env.str("XERO_CLIENT_ID", default="")
XERO_CLIENT_SECRET = env.str("XERO_CLIENT_SECRET", default="")
XERO_WEBHOOK_KEYS = env.list("XERO_WEBHOOK_KEYS", default=[])
XERO_LOGIN_BASE = env.str("XERO_LOGIN_BASE", default="https://login.xero.com")
XERO_IDENTITY_BASE = env.str("XERO_IDENTITY_BASE", default="https://identity.xero.com")
XERO_API_BASE = env.str("XERO_API_BASE", default="https://api.xero.com")
XERO_SCOPES = env.str(
    "XERO_SCOPES",
    default="openid profile email offline_access accounting.invoices.read accounting.payments.read"
    " accounting.manualjournals.read accounting.contacts.read accounting.settings.read",
)
# A proof beside the client secret that whoever brings a code asked for it; false where Xero's app does not take it.
XERO_PKCE = env.bool("XERO_PKCE", default=True)
XERO_DAY_LIMIT = env.int("XERO_DAY_LIMIT", default=5000)
XERO_READ_SECONDS = env.float("XERO_READ_SECONDS", default=60)
# How often contacts and open invoices are read whole, for changes that leave Xero's update time alone.
XERO_SWEEP_DAYS = env.float("XERO_SWEEP_DAYS", default=7)
# The address of this installation as browsers know it; Xero leads people back to it. Empty: as the request says.
PUBLIC_URL = env.str("PUBLIC_URL", default="").rstrip("/")
# More messages in a second, in one process, are answered 429; Xero sends them again.
WEBHOOKS_PER_SECOND = env.int("WEBHOOKS_PER_SECOND", default=200)
# And so many are inside at the same moment, in one process: fewer than its threads, so that some can turn others away.
WEBHOOKS_AT_ONCE = env.int("WEBHOOKS_AT_ONCE", default=6)

# Mail for alerts: smtp+tls://USER:$PASSWORD@HOST:587, smtp+ssl:// or smtp://; empty: none is sent.
EMAIL_URL = env.str("EMAIL_URL", default="")
ALERT_FROM = env.str("ALERT_FROM", default="")
globals().update(mail_settings(EMAIL_URL))

# Outgoing connections: private networks are refused unless listed here.
ALLOWED_PRIVATE_NETS = env.list("ALLOWED_PRIVATE_NETS", default=[])

# Retention of what belongs to no tenant alone (tenants have limits of their own): 0 keeps it for good.
RETENTION_WEBHOOK_DAYS = env.int("RETENTION_WEBHOOK_DAYS", default=0)
RETENTION_EVENT_MONTHS = env.int("RETENTION_EVENT_MONTHS", default=0)

# Work: how long a lease lasts without renewal, and how often the sweep looks for what a lost message left.
LEASE_SECONDS = env.int("LEASE_SECONDS", default=120)
SWEEP_SECONDS = env.int("SWEEP_SECONDS", default=15)
TICK_SECONDS = env.float("TICK_SECONDS", default=5)
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
WORKER_THREADS = env.int("WORKER_THREADS", default=8)
RETRY_SECONDS = env.float("RETRY_SECONDS", default=30)
DELIVERY_DEADLINE_SECONDS = env.float("DELIVERY_DEADLINE_SECONDS", default=600)

# Pickup: a file is read once it stayed as it is for so long; one without an end has longer to become whole.
PICKUP_SETTLE_SECONDS = env.float("PICKUP_SETTLE_SECONDS", default=5)
PICKUP_PATIENCE_SECONDS = env.float("PICKUP_PATIENCE_SECONDS", default=60)
PICKUP_MAX_BYTES = env.int("PICKUP_MAX_BYTES", default=50_000_000)

# Console: what a browser may load, beside the theme above. Outside /admin nothing at all is loaded (see ContentPolicy).
# Static files are served from the packages until somebody has collected them.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not STATIC_ROOT.is_dir()
WHITENOISE_MAX_AGE = 3600
DATA_UPLOAD_MAX_NUMBER_FIELDS = 6000  # a mapping of 400 rows
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
CONSOLE_CONTENT_POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'self'", "'unsafe-eval'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "base-uri": ["'self'"],
    "form-action": ["'self'", XERO_LOGIN_BASE],
    "frame-ancestors": ["'none'"],
}
# End of console.
