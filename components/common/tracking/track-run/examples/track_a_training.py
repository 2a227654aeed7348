"""Track a small training: python track_a_training.py, then track-run list."""

import random
from dataclasses import dataclass

from stac.tracking.track_run import read_run, track_run


@dataclass
class Config:
    """The parameters of the training."""

    rate: float = 0.1
    steps: int = 200


def main() -> None:
    """Find the minimum of a noisy parabola and keep what happened."""
    config = Config()
    with track_run("parabola", "descent", config, tags=("example",), clearml="off") as run:
        x = 5.0
        for step in range(config.steps):
            gradient = 2 * (x - 1) + random.gauss(0, 0.1)
            x -= config.rate * gradient
            run.log_scalar("train/loss", (x - 1) ** 2, step=step)
        run.log_scalars({"x": x, "loss": (x - 1) ** 2})
        run.log_table("answer", [{"quantity": "x", "found": x, "true": 1.0}])

    record = read_run(run.folder)
    print(f"{record.id}: {record.status} in {record.duration_seconds} s, x = {record.summary['x']:.3f}")
    print("Look at it with: track-run show latest")


if __name__ == "__main__":
    main()
