// Single passes over series: z-scores, windows, resampling, rolling statistics, autocorrelation. Sums are in double.
#include "kernels.h"

#include <float.h>

#pragma STDC FP_CONTRACT OFF

#define WIDE (2 * LANES)  // floats in a vector
typedef float singles __attribute__((ext_vector_type(WIDE), aligned(4)));
typedef float half_singles __attribute__((ext_vector_type(LANES), aligned(4)));

static inline vector load_as_double(const float *p) { return __builtin_convertvector(*(const half_singles *)p, vector); }

static inline double total(vector x) {
    double sum = 0;
    for (int k = 0; k < LANES; k++) sum += x[k];
    return sum;
}

// Mean and variance of x (n,), in one pass: of differences from the first value, which the spread bounds, so that
// no digits are lost. A value that is not finite makes them so, too.
static void measure(const float *x, int64_t n, double *mean, double *variance) {
    const double origin = (double)x[0];
    vector sums[4], squares[4];
    for (int k = 0; k < 4; k++) sums[k] = squares[k] = spread(0);
    int64_t t = 0;
    for (; t + 4 * LANES <= n; t += 4 * LANES)
        for (int k = 0; k < 4; k++) {
            const vector difference = load_as_double(x + t + k * LANES) - origin;
            sums[k] += difference;
            squares[k] += difference * difference;
        }
    double sum = total((sums[0] + sums[1]) + (sums[2] + sums[3]));
    double square = total((squares[0] + squares[1]) + (squares[2] + squares[3]));
    for (; t < n; t++) {
        const double difference = (double)x[t] - origin;
        sum += difference;
        square += difference * difference;
    }
    const double offset = sum / (double)n;
    *mean = origin + offset;
    *variance = square / (double)n - offset * offset;
}

// Rows [from, to) of X (rows, n), each with mean 0 and standard deviation 1. A constant row, whose spread is no more
// than the rounding of its numbers, becomes zeros; one with values that are not finite becomes NaN.
KERNEL NAME(z_normalize)(const float *X, int64_t n, int64_t from, int64_t to, float *out, const volatile int32_t *stop) {
    for (int64_t row = from; row < to && !*stop; row++) {
        const float *x = X + row * n;
        float *z = out + row * n;
        double mean, variance;
        measure(x, n, &mean, &variance);
        const double rounding = 4 * (double)FLT_EPSILON * mean;
        if (variance <= rounding * rounding || variance <= (double)FLT_MIN) {
            memset(z, 0, sizeof(float) * n);
        } else if (variance < 1e60) {  // in single precision, the mean in two parts
            const float high = (float)mean, low = (float)(mean - (double)high), scale = (float)(1 / sqrt(variance));
            for (int64_t t = 0; t < n; t++) z[t] = ((x[t] - high) - low) * scale;
        } else {
            const double scale = 1 / sqrt(variance);
            for (int64_t t = 0; t < n; t++) z[t] = (float)(((double)x[t] - mean) * scale);
        }
    }
}

static inline void copy_two(const float *from, float *to) {
    const singles first = *(const singles *)from, second = *(const singles *)(from + WIDE);
    *(singles *)to = first;
    *(singles *)(to + WIDE) = second;
}

// Copy x (n,), without a call: windows are too short for what it costs. The last two vectors may overlap others.
static inline void copy(const float *restrict x, int64_t n, float *restrict out) {
    if (n < 2 * WIDE) {
        for (int64_t t = 0; t < n; t++) out[t] = x[t];
        return;
    }
    for (int64_t t = 0; t + 2 * WIDE < n; t += 2 * WIDE) copy_two(x + t, out + t);
    copy_two(x + n - 2 * WIDE, out + n - 2 * WIDE);
}

// Windows [from, to) of X (n_channels, n), each (n_channels, length), `stride` points apart.
KERNEL NAME(copy_windows)(const float *X, int64_t n_channels, int64_t n, int64_t length, int64_t stride, int64_t from,
                        int64_t to, float *out, const volatile int32_t *stop) {
    for (int64_t w = from; w < to && !*stop; w++)
        for (int64_t c = 0; c < n_channels; c++)
            copy(X + c * n + w * stride, length, out + (w * n_channels + c) * length);
}

// Rows [from, to) of X (rows, n) at m places between points: neighbours (2, m), left and right, and the share of the
// right one. Where a point is hit, both are that one: its neighbour may be missing.
KERNEL NAME(resample_linear)(const float *X, int64_t n, const int32_t *neighbours, const float *share, int64_t m,
                           int64_t from, int64_t to, float *out, const volatile int32_t *stop) {
    const int32_t *left = neighbours, *right = neighbours + m;
    for (int64_t row = from; row < to && !*stop; row++) {
        const float *x = X + row * n;
        float *y = out + row * m;
        for (int64_t t = 0; t < m; t++) y[t] = x[left[t]] + share[t] * (x[right[t]] - x[left[t]]);
    }
}

// Mean and standard deviation of the windows of x (n,), by updates that start anew after RENEW windows.
#define RENEW 1024
static void rolling_moments(const float *x, int64_t n, int64_t length, double *restrict mean, double *restrict deviation) {
    const double share = 1 / (double)length;
    const int64_t n_windows = n - length + 1, renew = length > RENEW ? length : RENEW;
    for (int64_t start = 0; start < n_windows; start += renew) {
        const int64_t end = start + renew < n_windows ? start + renew : n_windows;
        double center, squares;
        measure(x + start, length, &center, &squares);
        squares *= (double)length;
        mean[start] = center, deviation[start] = squares;
        for (int64_t w = start + 1; w < end; w++) {
            const double in = x[w + length - 1], out = x[w - 1], change = in - out, before = center;
            center += change * share;
            squares += change * (in - center + out - before);
            mean[w] = center, deviation[w] = squares;
        }
    }
    for (int64_t w = 0; w < n_windows; w++) deviation[w] = sqrt(deviation[w] > 0 ? deviation[w] * share : 0);
}

// Least and largest values of the windows: of the rest of one block of `length`, and of the beginning of the next
// (van Herk 1992, Gil and Werman 1993).
static void rolling_extremes(const float *restrict x, int64_t n, int64_t length, float *restrict least,
                             float *restrict largest, float *restrict low, float *restrict high) {
    const int64_t n_windows = n - length + 1;
    for (int64_t start = 0; start < n; start += length) {
        float lower = x[start], upper = lower;
        for (int64_t t = start; t < start + length && t < n; t++) {
            low[t] = lower = x[t] < lower ? x[t] : lower;
            high[t] = upper = x[t] > upper ? x[t] : upper;
        }
    }
    for (int64_t start = 0; start < n_windows; start += length) {
        float lower = x[start + length - 1], upper = lower;
        for (int64_t w = start + length - 1; w >= start; w--) {
            lower = x[w] < lower ? x[w] : lower;
            upper = x[w] > upper ? x[w] : upper;
            if (w < n_windows) least[w] = lower, largest[w] = upper;
        }
    }
    for (int64_t w = 0; w < n_windows; w++) {
        const float lower = low[w + length - 1], upper = high[w + length - 1];
        least[w] = lower < least[w] ? lower : least[w];
        largest[w] = upper > largest[w] ? upper : largest[w];
    }
}

// Rows [from, to) of X (rows, n); each output has n - length + 1 columns; scratch: 2 * n.
KERNEL NAME(rolling_statistics)(const float *X, int64_t n, int64_t length, int64_t from, int64_t to, double *mean,
                              double *deviation, float *least, float *largest, float *scratch, const volatile int32_t *stop) {
    const int64_t m = n - length + 1;
    for (int64_t row = from; row < to && !*stop; row++) {
        const float *x = X + row * n;
        rolling_moments(x, n, length, mean + row * m, deviation + row * m);
        rolling_extremes(x, n, length, least + row * m, largest + row * m, scratch, scratch + n);
    }
}

// Autocorrelation of rows [from, to) at the lags 0, 1, ..., n_lags - 1: products summed directly, no transform.
KERNEL NAME(autocorrelation)(const float *X, int64_t n, int64_t n_lags, int64_t from, int64_t to, double *out,
                           double *scratch, const volatile int32_t *stop) {
    for (int64_t row = from; row < to && !*stop; row++) {
        const float *x = X + row * n;
        double mean, variance;
        measure(x, n, &mean, &variance);
        for (int64_t t = 0; t < n; t++) scratch[t] = (double)x[t] - mean;
        double all = 0;
        for (int64_t lag = 0; lag < n_lags; lag++) {
            vector parts[2] = {spread(0), spread(0)};
            double sum = 0;
            int64_t t = 0;
            for (; t + 2 * LANES <= n - lag; t += 2 * LANES) {
                parts[0] += load(scratch + t) * load(scratch + t + lag);
                parts[1] += load(scratch + t + LANES) * load(scratch + t + LANES + lag);
            }
            for (; t < n - lag; t++) sum += scratch[t] * scratch[t + lag];
            parts[0] += parts[1];
            for (int k = 0; k < LANES; k++) sum += parts[0][k];
            if (lag == 0) all = sum;
            out[row * n_lags + lag] = all > 0 ? sum / all : (lag == 0);
        }
    }
}
