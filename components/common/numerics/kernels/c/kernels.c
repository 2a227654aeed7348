// All kernels in one file, compiled once for each instruction set.
#include "dtw.c"
#include "matrix_profile.c"
#include "minirocket.c"
#include "series.c"
