"""Lets `python -m stac.tracking.run_report` do what the command `run-report` does."""

from stac.tracking.run_report import main

if __name__ == "__main__":
    raise SystemExit(main())
