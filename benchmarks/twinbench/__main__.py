"""`python -m twinbench`."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 -- this is what tells the user
    sys.exit("twinbench: Python 3.11 or newer is needed, this is " + sys.version.split()[0])

if __name__ == "__main__":
    try:
        from twinbench.cli import main

        main()
    except KeyboardInterrupt:
        sys.exit(130)
