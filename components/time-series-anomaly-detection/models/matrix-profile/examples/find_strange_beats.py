"""Two strange beats in a long recording, found from a tenth of the comparisons, and confirmed by all of them."""

import numpy as np

from stac.models.matrix_profile import discords, matrix_profile

time = np.arange(6000) % 150
series = np.exp(-(((time - 40) / 6) ** 2)) + 0.3 * np.exp(-(((time - 90) / 15) ** 2))
series = series + 0.03 * np.random.default_rng(0).normal(size=6000)
series[1530:1560] = 0.5  # a beat without its peak
series[4200:4350] = series[4200:4350][::-1]  # a beat backwards

for share in (0.1, 1.0):
    profile = matrix_profile(series, window=150, share=share)
    found = [f"{discord.start} (distance {discord.distance:.1f})" for discord in discords(profile, k=2)]
    print(f"{profile.share:.0%} of the comparisons: windows {', '.join(found)}")
