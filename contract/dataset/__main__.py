"""`python -m dataset load ARM --size small --seed 1`: fills an arm's databases."""

import argparse
import sys
import time

import psycopg

from dataset.databases import MissingSettingError, connect
from dataset.generate import SIZES, dataset
from dataset.load import OtherDatasetError, by_database, load
from dataset.targets import ARMS


def main() -> int:
    parser = argparse.ArgumentParser(prog="dataset", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    loading = commands.add_parser("load", help="fill an arm's databases, once")
    loading.add_argument("arm", choices=sorted(ARMS))
    loading.add_argument("--size", choices=sorted(SIZES), default="small")
    loading.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    data = dataset(arguments.size, arguments.seed)
    for database, targets in by_database(ARMS[arguments.arm]):
        started = time.monotonic()
        try:
            with connect(database) as connection:
                contents = load(connection, data, targets)
        except (MissingSettingError, OtherDatasetError, OSError, psycopg.Error) as error:
            print(f"dataset: {database}: {error}", file=sys.stderr)
            return 2
        for table, content in contents.items():
            print(f"{database}.{table}: {content.rows} rows, checksum {content.checksum}")
        print(f"{database}: {time.monotonic() - started:.1f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
