// MiniROCKET: convolve series with 84 dilated kernels, and count where the results exceed each bias.
#include "kernels.h"

#define LENGTH 9
#define N_KERNELS 84
#define BLOCK 1024  // time points that are convolved at once: what a block needs stays in the first cache

// How often v exceeds each of four biases; one comparison and one subtraction for a whole vector of time points.
static inline void count_four(const float *restrict v, int64_t n, const float *restrict bias, int32_t *restrict count) {
    int32_t c0 = 0, c1 = 0, c2 = 0, c3 = 0;
    const float b0 = bias[0], b1 = bias[1], b2 = bias[2], b3 = bias[3];
    for (int64_t t = 0; t < n; t++) {
        const float value = v[t];
        c0 += value > b0;
        c1 += value > b1;
        c2 += value > b2;
        c3 += value > b3;
    }
    count[0] += c0, count[1] += c1, count[2] += c2, count[3] += c3;
}

static inline void count_one(const float *restrict v, int64_t n, float bias, int32_t *restrict count) {
    int32_t c = 0;
    for (int64_t t = 0; t < n; t++) c += v[t] > bias;
    *count += c;
}

static void count_all(const float *v, int64_t n, const float *bias, int64_t n_biases, int32_t *count) {
    int64_t f = 0;
    for (; f + 4 <= n_biases; f += 4) count_four(v, n, bias + f, count + f);
    for (; f < n_biases; f++) count_one(v, n, bias[f], count + f);
}

static inline void add_tap(const float *restrict sum, const float *restrict tap, int64_t n, float *restrict out) {
    for (int64_t t = 0; t < n; t++) out[t] = sum[t] + 3.0f * tap[t];
}

// Minus the sum of all nine taps; the order of additions is the numpy reference's, so that the bits are.
static inline void sum_taps(const float *restrict series, int64_t dilation, int64_t n, float *restrict out) {
    const float *s0 = series - 4 * dilation, *s1 = s0 + dilation, *s2 = s1 + dilation, *s3 = s2 + dilation;
    const float *s5 = series + dilation, *s6 = s5 + dilation, *s7 = s6 + dilation, *s8 = s7 + dilation;
    for (int64_t t = 0; t < n; t++)
        out[t] = -series[t] - s0[t] - s1[t] - s2[t] - s3[t] - s5[t] - s6[t] - s7[t] - s8[t];
}

// Counts of the kernels first, first + step, ... of one dilation, which see the same (summed) series and points.
static void count_kernels(const float *series, int64_t dilation, int64_t from, int64_t to, const uint8_t *wanted,
                          const float *biases, int64_t n_biases, int32_t *counts) {
    float alpha[BLOCK], first[BLOCK], pair[BLOCK], output[BLOCK];
    for (int64_t start = from; start < to; start += BLOCK) {
        const int64_t n = to - start < BLOCK ? to - start : BLOCK;
        const float *here = series + start;
        sum_taps(here, dilation, n, alpha);
        int kernel = 0;
        for (int a = 0; a < LENGTH - 2; a++) {
            add_tap(alpha, here + (a - 4) * dilation, n, first);
            for (int b = a + 1; b < LENGTH - 1; b++) {
                add_tap(first, here + (b - 4) * dilation, n, pair);
                for (int c = b + 1; c < LENGTH; c++, kernel++) {
                    if (!wanted[kernel]) continue;
                    add_tap(pair, here + (c - 4) * dilation, n, output);
                    count_all(output, n, biases + kernel * n_biases, n_biases, counts + kernel * n_biases);
                }
            }
        }
    }
}

// Features of the instances [from, to): shares of time points, (n_instances, n_features), dilation by dilation.
KERNEL NAME(minirocket)(const minirocket_plan *plan, const float *X, int64_t from, int64_t to, float *out, float *scratch,
                      const volatile int32_t *stop) {
    const int64_t n = plan->n_timepoints, padding = plan->padding, width = n + 2 * padding;
    float *series = scratch;                             // (width,): a sum of channels between zeros
    int32_t *counts = (int32_t *)(scratch + width);      // (84 * most features,)
    memset(series, 0, sizeof(float) * width);
    for (int64_t i = from; i < to && !*stop; i++) {
        const float *x = X + i * plan->n_channels * n;
        float *features = out + i * plan->n_features;
        for (int64_t s = 0; s < plan->n_steps; s++) {
            const minirocket_step *step = plan->steps + s;
            memcpy(series + padding, x + step->channels[0] * n, sizeof(float) * n);
            for (int64_t c = 1; c < step->n_channels; c++) {
                const float *channel = x + step->channels[c] * n;
                for (int64_t t = 0; t < n; t++) series[padding + t] += channel[t];
            }
            const int64_t margin = step->padded ? 0 : 4 * step->dilation;
            const int64_t size = N_KERNELS * step->n_biases;
            memset(counts, 0, sizeof(int32_t) * size);
            count_kernels(series + padding, step->dilation, margin, n - margin, step->wanted, step->biases, step->n_biases, counts);
            const float points = (float)(n - 2 * margin);
            for (int64_t k = 0; k < N_KERNELS; k++)
                if (step->wanted[k])
                    for (int64_t f = k * step->n_biases; f < (k + 1) * step->n_biases; f++)
                        features[step->first_feature + f] = (float)counts[f] / points;
        }
    }
}
