"""The simulated stations have the physics that the literature tells."""

from stac.data_ingestion.wcd_simulator import simulate_stations


def test_shapes():
    assert simulate_stations(3).high_gain.shape == (3, 3, 768)
