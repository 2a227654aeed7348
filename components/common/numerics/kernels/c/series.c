// Single passes over series: z-scores, windows, resampling, rolling statistics, autocorrelation. Sums are in double.
#include "kernels.h"

#pragma STDC FP_CONTRACT OFF

#define PARTS 8  // sums side by side, so that additions do not wait for each other

static double sum_of(const float *x, int64_t n) {
    double parts[PARTS] = {0}, sum = 0;
    int64_t t = 0;
    for (; t + PARTS <= n; t += PARTS)
        for (int k = 0; k < PARTS; k++) parts[k] += (double)x[t + k];
    for (; t < n; t++) sum += (double)x[t];
    for (int k = 0; k < PARTS; k++) sum += parts[k];
    return sum;
}

static double squares_of(const float *x, int64_t n, double mean) {
    double parts[PARTS] = {0}, sum = 0;
    int64_t t = 0;
    for (; t + PARTS <= n; t += PARTS)
        for (int k = 0; k < PARTS; k++) {
            const double difference = (double)x[t + k] - mean;
            parts[k] += difference * difference;
        }
    for (; t < n; t++) sum += ((double)x[t] - mean) * ((double)x[t] - mean);
    for (int k = 0; k < PARTS; k++) sum += parts[k];
    return sum;
}

// Rows [from, to) of X (rows, n), each with mean 0 and standard deviation 1; a constant row becomes zeros.
KERNEL NAME(z_normalize)(const float *X, int64_t n, int64_t from, int64_t to, float *out, const volatile int32_t *stop) {
    for (int64_t row = from; row < to && !*stop; row++) {
        const float *x = X + row * n;
        float *z = out + row * n;
        const double mean = sum_of(x, n) / (double)n, deviation = sqrt(squares_of(x, n, mean) / (double)n);
        // What is left of a constant row is the rounding of its mean.
        const double scale = deviation > 1e-7 * fabs(mean) ? 1 / deviation : 0;
        for (int64_t t = 0; t < n; t++) z[t] = (float)(((double)x[t] - mean) * scale);
    }
}

// Windows [from, to) of X (n_channels, n), each (n_channels, length), `stride` points apart.
KERNEL NAME(copy_windows)(const float *X, int64_t n_channels, int64_t n, int64_t length, int64_t stride, int64_t from,
                        int64_t to, float *out, const volatile int32_t *stop) {
    for (int64_t w = from; w < to && !*stop; w++)
        for (int64_t c = 0; c < n_channels; c++)
            memcpy(out + (w * n_channels + c) * length, X + c * n + w * stride, sizeof(float) * length);
}

// Rows [from, to) of X (rows, n) at m places between points: the left point, and the share of the right one.
KERNEL NAME(resample_linear)(const float *X, int64_t n, const int32_t *left, const float *share, int64_t m, int64_t from,
                           int64_t to, float *out, const volatile int32_t *stop) {
    for (int64_t row = from; row < to && !*stop; row++) {
        const float *x = X + row * n;
        float *y = out + row * m;
        for (int64_t t = 0; t < m; t++) y[t] = x[left[t]] + share[t] * (x[left[t] + 1] - x[left[t]]);
    }
}

// Mean and standard deviation of the windows of x (n,), by updates that start anew every RENEW windows.
#define RENEW 1024
static void rolling_moments(const float *x, int64_t n, int64_t length, double *mean, double *deviation) {
    for (int64_t start = 0; start + length <= n; start += RENEW) {
        double center = sum_of(x + start, length) / (double)length, squares = squares_of(x + start, length, center);
        const int64_t end = start + RENEW < n - length + 1 ? start + RENEW : n - length + 1;
        for (int64_t w = start; w < end; w++) {
            if (w > start) {
                const double in = x[w + length - 1], out = x[w - 1], before = center;
                center += (in - out) / (double)length;
                squares += (in - out) * (in - center + out - before);
            }
            mean[w] = center;
            deviation[w] = sqrt(squares > 0 ? squares / (double)length : 0);
        }
    }
}

// Least and largest value of the windows, from running extremes of blocks of `length` (van Herk 1992, Gil and Werman 1993).
static void rolling_extreme(const float *x, int64_t n, int64_t length, float sign, float *out, float *ahead, float *behind) {
    for (int64_t t = 0; t < n; t++) {
        const float value = sign * x[t];
        ahead[t] = t % length && ahead[t - 1] > value ? ahead[t - 1] : value;
    }
    for (int64_t t = n - 1; t >= 0; t--) {
        const float value = sign * x[t];
        behind[t] = (t + 1) % length && t + 1 < n && behind[t + 1] > value ? behind[t + 1] : value;
    }
    for (int64_t w = 0; w + length <= n; w++)
        out[w] = sign * (behind[w] > ahead[w + length - 1] ? behind[w] : ahead[w + length - 1]);
}

// Rows [from, to) of X (rows, n); each output has n - length + 1 columns; scratch: 2 * n.
KERNEL NAME(rolling_statistics)(const float *X, int64_t n, int64_t length, int64_t from, int64_t to, double *mean,
                              double *deviation, float *least, float *largest, float *scratch, const volatile int32_t *stop) {
    const int64_t m = n - length + 1;
    for (int64_t row = from; row < to && !*stop; row++) {
        const float *x = X + row * n;
        rolling_moments(x, n, length, mean + row * m, deviation + row * m);
        rolling_extreme(x, n, length, -1, least + row * m, scratch, scratch + n);
        rolling_extreme(x, n, length, 1, largest + row * m, scratch, scratch + n);
    }
}

// Autocorrelation of rows [from, to) at the lags 0, 1, ..., n_lags - 1: products summed directly, no transform.
KERNEL NAME(autocorrelation)(const float *X, int64_t n, int64_t n_lags, int64_t from, int64_t to, double *out,
                           double *scratch, const volatile int32_t *stop) {
    for (int64_t row = from; row < to && !*stop; row++) {
        const float *x = X + row * n;
        const double mean = sum_of(x, n) / (double)n;
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
