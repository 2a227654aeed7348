"""Matrix profile: the distance of each window of a series to its nearest neighbour, and what follows from it.

Windows far from all others are discords (anomalies), windows near each other motifs.
"""

from stac.models.matrix_profile._detector import MatrixProfileDetector
from stac.models.matrix_profile._patterns import Discord, Motif, discords, motifs
from stac.models.matrix_profile._profile import MatrixProfile, converging_profiles, matrix_profile
from stac.models.matrix_profile._streaming import StreamingMatrixProfile

__all__ = [
    "Discord",
    "MatrixProfile",
    "MatrixProfileDetector",
    "Motif",
    "StreamingMatrixProfile",
    "converging_profiles",
    "discords",
    "matrix_profile",
    "motifs",
]
