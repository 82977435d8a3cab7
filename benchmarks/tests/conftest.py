"""What every test of the workbench starts from."""

import signal

# A runner in the background of a shell ignores Ctrl-C, and so would the programs under test, which
# inherit that. A handler of our own is not inherited: they start with the default.
signal.signal(signal.SIGINT, signal.default_int_handler)
