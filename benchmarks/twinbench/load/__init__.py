"""The load generator: open Poisson arrivals on Locust, run as a process of its own.

Only `clock`, `users`, `journeys`, `runner` and `__main__` import Locust or gevent; the rest is
safe to import into a process that must not be monkey-patched.
"""
