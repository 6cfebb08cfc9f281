"""Django settings. Everything an installation changes comes from the environment (see README)."""

import datetime
import os
from pathlib import Path

from linesheet.site import postgres
from linesheet.site.folder import data_folder, signing_key
from linesheet.site.mail import mail_settings

PACKAGE = Path(__file__).resolve().parent.parent

SECRET_KEY = signing_key()
DEBUG = os.environ.get("LINESHEET_DEBUG") == "1"
ALLOWED_HOSTS = os.environ.get("LINESHEET_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if host not in ("*", "[::1]")]
METRICS_TOKEN = os.environ.get("LINESHEET_METRICS_TOKEN", "")
PUBLIC_URL = os.environ.get("LINESHEET_PUBLIC_URL", "").rstrip("/")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_cotton",
    "django_htmx",
    "tree_queries",
    "procrastinate.contrib.django",
    "linesheet.books",
    "linesheet.sync",
    "linesheet.web",
    "linesheet.api",
    # Behind ours, whose templates replace theirs.
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    # For the static files of the interactive docs.
    "ninja",
]

MIDDLEWARE = [
    "linesheet.web.middleware.Machines",
    "linesheet.web.middleware.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "linesheet.web.middleware.ContentSecurityPolicy",
    "linesheet.api.door.Door",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "linesheet.web.middleware.KeepableText",
    "linesheet.web.middleware.CompanyInHand",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "linesheet.site.urls"
WSGI_APPLICATION = "linesheet.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {
    "default": {
        **postgres.django_database(postgres.database_url()),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }
}
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "books.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]

# An owner's invitation or the first set-up makes users, and vouches for their address. Another one takes its place, and
# lets them in, once it is confirmed.
ACCOUNT_ADAPTER = "linesheet.web.entrance.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_METHODS = {"password", "mfa"}
MFA_ADAPTER = "linesheet.web.entrance.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Linesheet"
MFA_TOTP_TOLERANCE = 1
# Browsers give passkeys to https, and to http on localhost.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PUBLIC_URL.startswith("https://")

# Addresses that proxies report are believed only as far as there are proxies of ours.
TRUSTED_PROXIES = int(os.environ.get("LINESHEET_TRUSTED_PROXIES", "0"))
# Keys of the API are taken over plain HTTP from this machine only, unless this is set.
API_WITHOUT_TLS = os.environ.get("LINESHEET_API_WITHOUT_TLS") == "1"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = datetime.timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "linesheet.web.entrance.lockout.who"
AXES_CLIENT_IP_CALLABLE = "linesheet.site.origin.address_of"
AXES_LOCKOUT_CALLABLE = "linesheet.web.entrance.lockout.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

DEFAULT_FROM_EMAIL = os.environ.get("LINESHEET_MAIL_FROM", "Linesheet <linesheet@localhost>")
globals().update(mail_settings(os.environ.get("LINESHEET_SMTP_URL", "")))

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-gb"

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True

S3_BUCKET = os.environ.get("LINESHEET_S3_BUCKET")
STORAGES = {
    "default": {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": os.environ.get("LINESHEET_S3_ENDPOINT") or None,
            "file_overwrite": True,
        },
    }
    if S3_BUCKET
    else {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(data_folder() / "pictures"), "allow_overwrite": True},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

FILE_UPLOAD_HANDLERS = [
    "linesheet.web.uploads.WithinLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"

LOGGING_CONFIG = "linesheet.site.logs.configure"
LOGGING = {"level": os.environ.get("LINESHEET_LOG_LEVEL", "INFO")}
