// Matrix profile: the best correlation of each window with those of another series, or with later ones of its own.
//
// Along a diagonal (windows i and i + k) covariances follow from each other with four operations. A band of diagonals
// is walked row by row, with its covariances in registers. They start anew after so many rows that rounding does not
// build up, at rows that do not depend on how the work is shared among threads: the same bits in any case.
#include "kernels.h"

#pragma STDC FP_CONTRACT ON

#define VECTORS 8
#define BAND (LANES * VECTORS)  // diagonals walked at once
#define NONE -2.0  // below any correlation

typedef int64_t indices __attribute__((ext_vector_type(LANES), aligned(8)));

// Covariance of two windows, from scratch.
static double covariance(const windows *a, int64_t i, const windows *b, int64_t j) {
    double sum = 0;
    for (int64_t t = 0; t < a->length; t++) sum += (a->series[i + t] - a->mean[i]) * (b->series[j + t] - b->mean[j]);
    return sum;
}

// The same for window i and LANES windows from j on: the same bits.
INLINE vector covariances(const windows *a, int64_t i, const windows *b, int64_t j) {
    const vector mean = load(b->mean + j);
    vector sum = spread(0);
    for (int64_t t = 0; t < a->length; t++) sum += spread(a->series[i + t] - a->mean[i]) * (load(b->series + j + t) - mean);
    return sum;
}

// Constant windows count as half correlated with others, and fully with each other.
static inline double correlation(const windows *a, int64_t i, const windows *b, int64_t j, double cov) {
    return cov * a->inverse[i] * b->inverse[j] + 0.5 * (a->inverse[i] == 0) + 0.5 * (b->inverse[j] == 0);
}

INLINE vector correlations(vector cov, double inverse_i, const double *inverse, int constants) {
    const vector c = cov * spread(inverse_i) * load(inverse);
    if (!constants) return c;
    return c + spread(0.5 * (inverse_i == 0)) + (load(inverse) == 0 ? spread(0.5) : spread(0));
}

// Of equals the first is kept, whichever comes first, so that the order of work does not show.
static inline void keep(double value, int64_t place, double *best, int64_t *where) {
    if (value > *best || (value == *best && place < *where)) *best = value, *where = place;
}

static void walk_one(const windows *a, const windows *b, int64_t k, int64_t from, int64_t to, double *best_a,
                     int64_t *where_a, double *best_b, int64_t *where_b) {
    double cov = covariance(a, from, b, from + k);
    for (int64_t i = from; i < to; i++) {
        const int64_t j = i + k;
        if (i > from) cov += a->df[i] * b->dg[j], cov += a->dg[i] * b->df[j];
        const double c = correlation(a, i, b, j, cov);
        keep(c, j, best_a + i, where_a + i);
        keep(c, i, best_b + j, where_b + j);
    }
}

// What is better than before in a row of a band: rare, after the first bands.
static __attribute__((noinline)) void improve(const vector *cov, double inverse_i, const double *inverse, int64_t i,
                                              int64_t j0, int constants, double *best_a, int64_t *where_a,
                                              double *best_b, int64_t *where_b) {
    for (int v = 0; v < VECTORS; v++) {
        const int64_t j = j0 + v * LANES;
        const vector c = correlations(cov[v], inverse_i, inverse + v * LANES, constants), old = load(best_b + j);
        const indices places = *(const indices *)(where_b + j), here = (indices)(i);
        const mask better = (c > old) | ((c == old) & (here < places));
        store(best_b + j, better ? c : old);
        *(indices *)(where_b + j) = better ? here : places;
        if (any(c > spread(*best_a)) || (j < *where_a && any(c == spread(*best_a))))
            for (int k = 0; k < LANES; k++) keep(c[k], j + k, best_a, where_a);
    }
}

INLINE void walk_band(const windows *a, const windows *b, int64_t k0, int64_t from, int64_t to, int constants,
                      double *best_a, int64_t *where_a, double *best_b, int64_t *where_b) {
    const double *df_a = a->df, *dg_a = a->dg, *inverse_a = a->inverse;
    const double *df_b = b->df + k0, *dg_b = b->dg + k0, *inverse_b = b->inverse + k0, *old = best_b + k0;
    vector cov[VECTORS];
    for (int v = 0; v < VECTORS; v++) cov[v] = covariances(a, from, b, from + k0 + v * LANES);
    for (int64_t i = from;;) {
        const vector best = spread(best_a[i]);
        mask better = {0};
        for (int v = 0; v < VECTORS; v++) {
            const vector c = correlations(cov[v], inverse_a[i], inverse_b + i + v * LANES, constants);
            better |= c >= smaller(best, load(old + i + v * LANES));
        }
        if (any(better)) {
            vector copy[VECTORS];  // whose address is known elsewhere, so that the other one stays in registers
            for (int v = 0; v < VECTORS; v++) copy[v] = cov[v];
            improve(copy, inverse_a[i], inverse_b + i, i, i + k0, constants, best_a + i, where_a + i, best_b, where_b);
        }
        if (++i == to) return;
        const vector df = spread(df_a[i]), dg = spread(dg_a[i]);
        for (int v = 0; v < VECTORS; v++) {
            cov[v] += df * load(dg_b + i + v * LANES);
            cov[v] += dg * load(df_b + i + v * LANES);
        }
    }
}

// Diagonals [from, to) of the pairs (i, i + k), k >= 0, anew after `rows` rows. Each thread has its own best_*, where_*.
KERNEL NAME(profile_diagonals)(const windows *a, const windows *b, int64_t from, int64_t to, int64_t rows, int constants,
                             double *best_a, int64_t *where_a, double *best_b, int64_t *where_b,
                             const volatile int32_t *stop) {
    for (int64_t k = from; k < to && !*stop; k += BAND) {
        const int64_t width = to - k < BAND ? to - k : BAND;
        for (int64_t row = 0; row < a->n && row + k < b->n && !*stop; row += rows) {
            const int64_t last = row + rows < a->n ? row + rows : a->n;
            // Up to here all diagonals of the band have windows of b.
            const int64_t full = width < BAND ? row : (b->n - k - BAND + 1 < last ? b->n - k - BAND + 1 : last);
            if (full > row && constants)
                walk_band(a, b, k, row, full, 1, best_a, where_a, best_b, where_b);
            else if (full > row)
                walk_band(a, b, k, row, full, 0, best_a, where_a, best_b, where_b);
            const int64_t rest = full > row ? full : row;
            for (int64_t d = k; d < k + width; d++) {
                const int64_t end = b->n - d < last ? b->n - d : last;
                if (end > rest) walk_one(a, b, d, rest, end, best_a, where_a, best_b, where_b);
            }
        }
    }
}

static void measure_one(const double *x, int64_t length, double *mean, double *squares) {
    double sum = 0, deviations = 0;
    for (int64_t t = 0; t < length; t++) sum += x[t];
    *mean = sum / (double)length;
    for (int64_t t = 0; t < length; t++) deviations += (x[t] - *mean) * (x[t] - *mean);
    *squares = deviations;
}

static void measure_several(const double *x, int64_t length, double *mean, double *squares) {
    vector sum = spread(0), deviations = spread(0);
    for (int64_t t = 0; t < length; t++) sum += load(x + t);
    const vector means = sum / spread((double)length);
    for (int64_t t = 0; t < length; t++) deviations += (load(x + t) - means) * (load(x + t) - means);
    store(mean, means), store(squares, deviations);
}

// Means, deviations and the terms of the recurrence of the windows of a series: (n,) each; a constant window has inverse 0.
// Values were rounded to a share `rounding` of them.
KERNEL NAME(measure_windows)(const double *series, int64_t n, int64_t length, double rounding, double *mean, double *inverse,
                           double *df, double *dg) {
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) measure_several(series + i, length, mean + i, inverse + i);
    for (; i < n; i++) measure_one(series + i, length, mean + i, inverse + i);
    for (i = 0; i < n; i++) {
        const double noise = 4 * rounding * fabs(mean[i]) + 1e-30;
        inverse[i] = inverse[i] <= (double)length * noise * noise ? 0 : 1 / sqrt(inverse[i]);
        df[i] = i ? (series[i + length - 1] - series[i - 1]) / 2 : 0;
        dg[i] = i ? (series[i + length - 1] - mean[i]) + (series[i - 1] - mean[i - 1]) : 0;
    }
}

// Distances of the windows a[first], a[first + 1], ... to b[where[0]], ..., computed from both: no rounding of the
// recurrence is left. Infinite where there is none (-1).
KERNEL NAME(window_distances)(const windows *a, int64_t first, int64_t n, const windows *b, const int64_t *where, double *out) {
#pragma STDC FP_CONTRACT OFF  // both sides are rounded alike, so that equal windows have distance 0
    for (int64_t i = first; i < first + n; i++) {
        const int64_t j = where[i - first];
        double sum = 0;
        vector sums = spread(0);
        int64_t t = 0;
        for (; j >= 0 && t + LANES <= a->length; t += LANES) {
            const vector x = (load(a->series + i + t) - spread(a->mean[i])) * spread(a->inverse[i]);
            const vector difference = x - (load(b->series + j + t) - spread(b->mean[j])) * spread(b->inverse[j]);
            sums += difference * difference;
        }
        for (; j >= 0 && t < a->length; t++) {
            const double x = (a->series[i + t] - a->mean[i]) * a->inverse[i];
            const double difference = x - (b->series[j + t] - b->mean[j]) * b->inverse[j];
            sum += difference * difference;
        }
        for (int k = 0; k < LANES; k++) sum += sums[k];
        out[i - first] = j < 0 ? INFINITY : sqrt((double)a->length * sum);
    }
}

// The covariances (i + 1,) of window i with the windows from `first` on, of those of window i - 1.
static void update_covariances(const windows *a, int64_t i, int64_t first, double *cov) {
    const double df = a->df[i], dg = a->dg[i];
    int64_t j = i;  // backwards, because cov[j] becomes cov[j + 1]
    for (; j - LANES >= first; j -= LANES) {
        const int64_t at = j - LANES + 1;
        store(cov + at, load(cov + at - 1) + spread(df) * load(a->dg + at) + spread(dg) * load(a->df + at));
    }
    for (; j > first; j--) cov[j] = cov[j - 1] + df * a->dg[j] + dg * a->df[j];
    if (first > 0)
        cov[first] = cov[first - 1] + df * a->dg[first] + dg * a->df[first];
    else
        cov[0] = covariance(a, i, a, 0);
}

// Best correlation of window i with the windows [first, last], and the first of the best.
static void find_best(const windows *a, int64_t i, int64_t first, int64_t last, const double *cov, double *best, int64_t *where) {
    int64_t j = first, count[LANES];
    for (int k = 0; k < LANES; k++) count[k] = first + k;
    indices here = *(const indices *)count, places = (indices)(-1);
    vector highest = spread(NONE);
    for (; j + LANES <= last + 1; j += LANES, here += LANES) {
        const vector c = correlations(load(cov + j), a->inverse[i], a->inverse + j, 1);
        const mask better = c > highest;
        highest = better ? c : highest, places = better ? here : places;
    }
    *best = NONE, *where = -1;
    for (int k = 0; k < LANES; k++)
        if (places[k] >= 0) keep(highest[k], places[k], best, where);
    for (; j <= last; j++) keep(correlation(a, i, a, j, cov[j]), j, best, where);
}

// Windows [from, to) of a series that grows, each against earlier ones: those that start at most `reach` and more than
// `exclusion` points before. cov (to,) is kept from call to call, and computed anew every `rows` windows from `anew` on.
KERNEL NAME(profile_append)(const windows *a, int64_t from, int64_t to, int64_t exclusion, int64_t reach, int64_t anew,
                          int64_t rows, double *cov, double *best, int64_t *where) {
    for (int64_t i = from; i < to; i++) {
        const int64_t first = i > reach ? i - reach : 0;
        if ((i - anew) % rows == 0) {
            int64_t j = first;
            for (; j + LANES <= i + 1; j += LANES) store(cov + j, covariances(a, i, a, j));
            for (; j <= i; j++) cov[j] = covariance(a, i, a, j);
        } else {
            update_covariances(a, i, first, cov);
        }
        find_best(a, i, first, i - exclusion - 1, cov, best + i - from, where + i - from);
    }
}
