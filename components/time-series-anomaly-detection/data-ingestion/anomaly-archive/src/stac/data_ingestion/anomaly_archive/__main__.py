"""List the series that are available: `python -m stac.data_ingestion.anomaly_archive`."""

import argparse
import sys

from stac.data_ingestion.anomaly_archive import list_anomaly


def main() -> int:
    """Print one line a series: its name and where it comes from."""
    parser = argparse.ArgumentParser(
        prog="python -m stac.data_ingestion.anomaly_archive",
        description="List the labelled series that load_anomaly finds, and where.",
    )
    parser.add_argument("--folder", help="folder with .csv or .txt files (default: $STAC_ANOMALY_ARCHIVE)")
    try:
        found = list_anomaly(parser.parse_args().folder)
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    width = max(map(len, found), default=0)
    for name, source in found.items():
        print(f"{name:{width}}  {source}")
    if not found:
        print("No series here: pip install --no-deps aeon, or give a folder of your own by --folder.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
