// Dynamic time warping: squared distances within a band, given up as soon as they must exceed a limit, and lower bounds.
#include "kernels.h"

#pragma STDC FP_CONTRACT OFF

// Costs and cheapest paths of one anti-diagonal, whose n cells (i, d - i) are independent of each other; the cheapest.
static inline double step(const double *x, int64_t stride_x, const double *y, int64_t stride_y, int64_t n_channels,
                          int64_t n, const double *last, const double *before, double *this) {
    vector least = spread(INFINITY);
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        vector difference = load(x + i) - load(y + i), cost = difference * difference;
        for (int64_t c = 1; c < n_channels; c++) {
            difference = load(x + c * stride_x + i) - load(y + c * stride_y + i);
            cost += difference * difference;
        }
        const vector total = cost + smaller(smaller(load(last + i), load(last + i + 1)), load(before + i));
        store(this + i + 1, total);
        least = smaller(total, least);
    }
    double lowest = INFINITY;
    for (int k = 0; k < LANES; k++) lowest = least[k] < lowest ? least[k] : lowest;
    for (; i < n; i++) {
        double cost = 0;
        for (int64_t c = 0; c < n_channels; c++) {
            const double difference = x[c * stride_x + i] - y[c * stride_y + i];
            cost += difference * difference;
        }
        const double beside = last[i] < last[i + 1] ? last[i] : last[i + 1];
        this[i + 1] = cost + (beside < before[i] ? beside : before[i]);
        lowest = this[i + 1] < lowest ? this[i + 1] : lowest;
    }
    return lowest;
}

// x: (n_channels, stride_x) with n points; y: (n_channels, stride_y), reversed, with m points; scratch: 3 * (n + 2).
static double distance(const double *x, int64_t n, int64_t stride_x, const double *y, int64_t m, int64_t stride_y,
                       int64_t n_channels, int64_t radius, double limit, double *scratch) {
    double *before = scratch, *last = before + n + 2, *this = last + n + 2;
    for (int64_t i = 0; i < 3 * (n + 2); i++) scratch[i] = INFINITY;
    before[0] = 0;  // where all paths come from
    double least_before = 0;
    for (int64_t d = 0; d <= n + m - 2; d++) {
        int64_t low = d - m + 1 > 0 ? d - m + 1 : 0, high = d + 1 < n ? d + 1 : n;
        if (d - radius > 0 && (d - radius + 1) / 2 > low) low = (d - radius + 1) / 2;
        if ((d + radius) / 2 + 1 < high) high = (d + radius) / 2 + 1;
        const double *y_here = y + (m - 1 - d) + low, *x_here = x + low;
        const double least =
            step(x_here, stride_x, y_here, stride_y, n_channels, high - low, last + low, before + low, this + low);
        this[low] = INFINITY;
        if (high < n) this[high + 1] = INFINITY;
        // Every path crosses two neighbouring diagonals in at least one cell.
        if (least > limit && least_before > limit) return INFINITY;
        least_before = least;
        double *oldest = before;
        before = last, last = this, this = oldest;
    }
    return last[n];
}

// Squared distances of the pairs (i[p], j[p]), from <= p < to; b holds its series reversed.
KERNEL NAME(dtw_pairs)(const warped *a, const warped *b, const int64_t *i, const int64_t *j, const int64_t *radii,
                     const double *limits, int64_t from, int64_t to, double *out, double *scratch,
                     const volatile int32_t *stop) {
    for (int64_t p = from; p < to && !*stop; p++)
        out[p] = distance(a->values + i[p] * a->n_channels * a->longest, a->lengths[i[p]], a->longest,
                          b->values + j[p] * b->n_channels * b->longest, b->lengths[j[p]], b->longest, a->n_channels,
                          radii[p], limits ? limits[p] : INFINITY, scratch);
}
