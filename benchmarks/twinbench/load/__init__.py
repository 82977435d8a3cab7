"""The load generator: open arrivals on Locust, run as processes of their own.

Only `clock`, `http`, `users`, `journeys`, `runner` and `__main__` import Locust or gevent; the rest
is safe to import into a process that must not be monkey-patched.
"""
