// Matrix profile: the best correlation of each window with those of another series, or with later ones of its own.
//
// Along a diagonal (windows i and i + k) covariances follow from each other with four operations. A band of diagonals
// is walked row by row, with its covariances in registers or the first cache. They start anew every ROWS rows, so
// that rounding does not build up, and so that the same work gives the same bits however it is shared among threads.
#include "kernels.h"

#pragma STDC FP_CONTRACT ON

#define VECTORS 8
#define BAND (LANES * VECTORS)  // diagonals walked at once
#define ROWS 8192

// Covariance of two windows, from scratch.
static double covariance(const windows *a, int64_t i, const windows *b, int64_t j) {
    double sum = 0;
    const double mean_a = a->mean[i], mean_b = b->mean[j];
    for (int64_t t = 0; t < a->length; t++) sum += (a->series[i + t] - mean_a) * (b->series[j + t] - mean_b);
    return sum;
}

// Constant windows count as half correlated with others, and fully with each other.
static inline double correlation(const windows *a, int64_t i, const windows *b, int64_t j, double cov) {
    return cov * a->inverse[i] * b->inverse[j] + 0.5 * (a->inverse[i] == 0) + 0.5 * (b->inverse[j] == 0);
}

static inline void keep(double value, int64_t place, double *best, int64_t *where) {
    if (value > *best || (value == *best && place < *where)) *best = value, *where = place;
}

static void walk_one(const windows *a, const windows *b, int64_t k, int64_t from, int64_t to, double *best_a,
                     int64_t *where_a, double *best_b, int64_t *where_b) {
    double cov = covariance(a, from, b, from + k);
    for (int64_t i = from; i < to; i++) {
        const int64_t j = i + k;
        if (i > from) cov += a->df[i] * b->dg[j] + a->dg[i] * b->df[j];
        const double c = correlation(a, i, b, j, cov);
        keep(c, j, best_a + i, where_a + i);
        keep(c, i, best_b + j, where_b + j);
    }
}

static void walk_band(const windows *a, const windows *b, int64_t k0, int64_t from, int64_t to, int constants,
                      double *best_a, int64_t *where_a, double *best_b, int64_t *where_b) {
    vector cov[VECTORS];
    for (int v = 0; v < VECTORS; v++)
        for (int k = 0; k < LANES; k++) cov[v][k] = covariance(a, from, b, from + k0 + v * LANES + k);
    for (int64_t i = from; i < to; i++) {
        const int64_t j0 = i + k0;
        const double *df = b->df + j0, *dg = b->dg + j0, *inverse = b->inverse + j0;
        const vector df_i = spread(a->df[i]), dg_i = spread(a->dg[i]), inverse_i = spread(a->inverse[i]);
        const double half_i = 0.5 * (a->inverse[i] == 0);
        vector row = spread(best_a[i]);
        mask better = {0};
        vector all[VECTORS];
        for (int v = 0; v < VECTORS; v++) {
            const int64_t at = v * LANES;
            if (i > from) cov[v] += df_i * load(dg + at) + dg_i * load(df + at);
            vector c = cov[v] * inverse_i * load(inverse + at);
            if (constants) c += half_i + (load(inverse + at) == 0 ? spread(0.5) : spread(0));
            all[v] = c;
            row = larger(c, row);
            better |= c > load(best_b + j0 + at);
        }
        if (any(better))
            for (int k = 0; k < BAND; k++) {
                const double c = all[k / LANES][k % LANES];
                if (c > best_b[j0 + k]) best_b[j0 + k] = c, where_b[j0 + k] = i;
            }
        if (any(row > spread(best_a[i])))
            for (int k = 0; k < BAND; k++) {
                const double c = all[k / LANES][k % LANES];
                if (c > best_a[i]) best_a[i] = c, where_a[i] = j0 + k;
            }
    }
}

// Diagonals [from, to) of the pairs (i, i + k), k >= 0. Each thread has its own best_* and where_*.
KERNEL NAME(profile_diagonals)(const windows *a, const windows *b, int64_t from, int64_t to, int constants, double *best_a,
                             int64_t *where_a, double *best_b, int64_t *where_b, const volatile int32_t *stop) {
    for (int64_t k = from; k < to && !*stop; k += BAND) {
        const int64_t width = to - k < BAND ? to - k : BAND;
        for (int64_t row = 0; row < a->n && row + k < b->n && !*stop; row += ROWS) {
            const int64_t last = row + ROWS < a->n ? row + ROWS : a->n;
            // Up to here all diagonals of the band have windows of b.
            const int64_t full = width < BAND ? row : (b->n - k - BAND + 1 < last ? b->n - k - BAND + 1 : last);
            if (full > row) walk_band(a, b, k, row, full, constants, best_a, where_a, best_b, where_b);
            const int64_t rest = full > row ? full : row;
            for (int64_t d = k; d < k + width; d++) {
                const int64_t end = b->n - d < last ? b->n - d : last;
                if (end > rest) walk_one(a, b, d, rest, end, best_a, where_a, best_b, where_b);
            }
        }
    }
}

// Means, deviations and the terms of the recurrence of the windows of a series: (n,) each; a constant window has inverse 0.
KERNEL NAME(measure_windows)(const double *series, int64_t n, int64_t length, double rounding, double *mean, double *inverse,
                           double *df, double *dg) {
    for (int64_t i = 0; i < n; i++) {
        double sum = 0, squares = 0;
        for (int64_t t = 0; t < length; t++) sum += series[i + t];
        mean[i] = sum / (double)length;
        for (int64_t t = 0; t < length; t++) squares += (series[i + t] - mean[i]) * (series[i + t] - mean[i]);
        const double noise = 4 * rounding * fabs(mean[i]) + 1e-30;
        inverse[i] = squares <= (double)length * noise * noise ? 0 : 1 / sqrt(squares);
        df[i] = i ? (series[i + length - 1] - series[i - 1]) / 2 : 0;
        dg[i] = i ? (series[i + length - 1] - mean[i]) + (series[i - 1] - mean[i - 1]) : 0;
    }
}

// Window i of a series that grows, against the windows [first, last]: covariances (i + 1,) follow from those of i - 1.
KERNEL NAME(profile_append)(const windows *a, int64_t i, int64_t first, int64_t last, int anew, double *cov, double *best,
                          int64_t *where) {
    if (anew) {
        for (int64_t j = first; j <= i; j++) cov[j] = covariance(a, i, a, j);
    } else {
        int64_t j = i;
        for (; j - LANES >= first; j -= LANES) {
            const int64_t at = j - LANES + 1;
            store(cov + at, load(cov + at - 1) + spread(a->df[i]) * load(a->dg + at) + spread(a->dg[i]) * load(a->df + at));
        }
        for (; j > first; j--) cov[j] = cov[j - 1] + a->df[i] * a->dg[j] + a->dg[i] * a->df[j];
        cov[first] = covariance(a, i, a, first);
    }
    *best = -2, *where = -1;
    for (int64_t j = first; j <= last; j++) {
        const double c = correlation(a, i, a, j, cov[j]);
        if (c > *best) *best = c, *where = j;
    }
}
