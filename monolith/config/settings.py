from config import environment

SECRET_KEY = environment.file_content("SECRET_KEY_FILE")
DEBUG = False
# The gateway in front decides which names it serves; nothing here builds an address from Host.
ALLOWED_HOSTS = ["*"]

INSTALLED_APPS = [
    "rest_framework",
    "drf_spectacular",
    "shop.platform",
    "shop.accounts",
    "shop.catalog",
    "shop.inventory",
    "shop.cart",
    "shop.payments",
    "shop.orders",
    "shop.notifications",
    "shop.recommendations",
]
# No sessions, cookies, forms or pages: there is nothing else for a middleware to do.
MIDDLEWARE = [
    "shop.platform.middleware.content_length",
    "shop.platform.middleware.drained",
    "shop.platform.patience.patient",
]
if environment.choice("TRACE", "off", "server-timing") == "server-timing":
    MIDDLEWARE.insert(0, "shop.platform.timing.server_timing")
FAULTS = environment.choice("FAULTS", "off", "switchboard") == "switchboard"
if FAULTS:
    MIDDLEWARE.append("shop.platform.faults.Faults")
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

DATABASE_POOL_SIZE = environment.integer("DATABASE_POOL_SIZE", 8, minimum=1)
DATABASES = {
    "default": {
        "ENGINE": "shop.platform.postgresql",
        **environment.postgresql("DATABASE_URL", "DATABASE_PASSWORD_FILE"),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            "connect_timeout": 3,
            # A thread cannot be interrupted: what waits for the server is ended by the server,
            # long before the broker hands a task to somebody else.
            "options": "-c statement_timeout=30s -c idle_in_transaction_session_timeout=60s",
            "server_side_binding": True,
            "prepare_threshold": 5,
            "pool": {
                "min_size": min(2, DATABASE_POOL_SIZE),
                "max_size": DATABASE_POOL_SIZE,
                "timeout": 3,
            },
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.Account"
PASSWORD_HASHERS = ["shop.accounts.hashers.Argon2idHasher"]
JWT_PRIVATE_KEY = environment.file_content("JWT_PRIVATE_KEY_FILE")

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False

COMPONENT = "monolith"
VERSION = "0.1.0"
REVISION = environment.text("REVISION", "unknown")

ACQUIRER_URL = environment.text("ACQUIRER_URL", "http://acquirer:8000")
RECOMMENDATION_CANDIDATES = environment.integer("RECOMMENDATION_CANDIDATES", 200, minimum=1)

CELERY_BROKER_URL = environment.redis("REDIS_URL", "REDIS_PASSWORD_FILE")

CART_STORE = environment.choice("CART_STORE", "tables", "valkey")
CART_STORE_URL = (
    environment.redis("CART_STORE_URL", "REDIS_PASSWORD_FILE") if CART_STORE == "valkey" else ""
)

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["shop.platform.json.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["shop.platform.json.OrjsonParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "shop.platform.json.OnlyJson",
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "EXCEPTION_HANDLER": "shop.platform.errors.exception_handler",
    "DEFAULT_SCHEMA_CLASS": "shop.platform.schema.OperationSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "The shop",
    "VERSION": VERSION,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SCHEMA_PATH_PREFIX_TRIM": True,
    "SERVERS": [{"url": "/api/v1"}],
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "PaymentStatus": ["authorized", "captured", "refunded", "declined"],
        "OrderStatus": ["pending", "confirmed", "shipped", "rejected", "cancelled"],
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "shop.platform.schema.with_problems",
    ],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "filters": {
        # Every 4xx, and a 503 about a card, is an answer the contract asks for, not an event.
        "crashes": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: record.exc_info is not None,
        },
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.request": {"handlers": [], "level": "ERROR", "filters": ["crashes"]},
        "shop": {"level": "INFO"},
    },
}
