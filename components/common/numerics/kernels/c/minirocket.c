// MiniROCKET: convolve series with 84 dilated kernels, and count where the results exceed each bias.
#include "kernels.h"

#pragma STDC FP_CONTRACT OFF  // the bits of the numpy reference

#define LENGTH 9
#define N_KERNELS 84
#define BLOCK 1024    // time points that are convolved at once: what a block needs stays in the first cache
#define MOST 6        // biases that are counted at once: their sums stay in registers
#define WIDTH (2 * LANES)

typedef float floats __attribute__((ext_vector_type(WIDTH), aligned(4)));
typedef int32_t counters __attribute__((ext_vector_type(WIDTH)));

static inline floats load_floats(const float *p) { return *(const floats *)p; }
static inline void store_floats(float *p, floats x) { *(floats *)p = x; }

// Minus the sum of all nine taps; the order of additions is the numpy reference's, so that the bits are.
static void sum_taps(const float *series, int64_t dilation, int64_t n, float *out) {
    for (int64_t t = 0; t < n; t += WIDTH) {
        const float *here = series + t;
        floats sum = -load_floats(here);
        for (int tap = -4; tap <= 4; tap++)
            if (tap) sum -= load_floats(here + tap * dilation);
        store_floats(out + t, sum);
    }
}

// Add one tap; what lies behind the n-th point becomes NaN, which exceeds no bias.
static void add_tap(const float *sum, const float *tap, int64_t n, float *out) {
    for (int64_t t = 0; t < n; t += WIDTH) store_floats(out + t, load_floats(sum + t) + load_floats(tap + t));
    store_floats(out + n, (floats)(NAN));
}

// How often x + y + z exceeds each of n_biases, a constant where this is inlined; a comparison gives 0 or -1.
static inline __attribute__((always_inline)) void count(const float *x, const float *y, const float *z, int64_t n,
                                                        const float *biases, const int n_biases, int32_t *counts) {
    counters sums[MOST];
    for (int f = 0; f < n_biases; f++) sums[f] = (counters)(0);
    for (int64_t t = 0; t < n; t += WIDTH) {
        const floats value = load_floats(x + t) + load_floats(y + t) + load_floats(z + t);
        for (int f = 0; f < n_biases; f++) sums[f] -= value > (floats)(biases[f]);
    }
    for (int f = 0; f < n_biases; f++) counts[f] += __builtin_reduce_add(sums[f]);
}

static void count_all(const float *x, const float *y, const float *z, int64_t n, const float *biases, int64_t n_biases,
                      int32_t *counts) {
    for (; n_biases > 0; n_biases -= MOST, biases += MOST, counts += MOST) switch (n_biases) {
            case 1: count(x, y, z, n, biases, 1, counts); break;
            case 2: count(x, y, z, n, biases, 2, counts); break;
            case 3: count(x, y, z, n, biases, 3, counts); break;
            case 4: count(x, y, z, n, biases, 4, counts); break;
            case 5: count(x, y, z, n, biases, 5, counts); break;
            default: count(x, y, z, n, biases, MOST, counts);
        }
}

// Counts of one step's kernels at the points [from, to): alpha, plus three times the series at three taps.
static void count_kernels(const minirocket_step *step, const float *alpha, const float *gamma, int64_t from, int64_t to,
                          int32_t *counts) {
    float first[BLOCK + WIDTH];
    for (int64_t start = from; start < to; start += BLOCK) {
        const int64_t n = to - start < BLOCK ? to - start : BLOCK;
        const float *center = gamma + start - 4 * step->dilation;
        for (int64_t k = 0; k < step->n_kernels; k++) {
            const minirocket_kernel *kernel = step->kernels + k;
            if (!k || kernel->a != kernel[-1].a) add_tap(alpha + start, center + kernel->a * step->dilation, n, first);
            count_all(first, center + kernel->b * step->dilation, center + kernel->c * step->dilation, n,
                      step->biases + kernel->index * step->n_biases, step->n_biases, counts + k * step->n_biases);
        }
    }
}

// The sum of the channels that a step sees, and three times it.
static void sum_channels(const minirocket_step *step, const float *x, int64_t n, float *series, float *gamma) {
    memcpy(series, x + step->channels[0] * n, sizeof(float) * n);
    for (int64_t c = 1; c < step->n_channels; c++) {
        const float *channel = x + step->channels[c] * n;
        for (int64_t t = 0; t < n; t++) series[t] += channel[t];
    }
    for (int64_t t = 0; t < n; t++) gamma[t] = 3 * series[t];
}

// Features of the instances [from, to): shares of time points, (n_instances, n_features), dilation by dilation.
KERNEL NAME(minirocket)(const minirocket_plan *plan, const float *X, int64_t from, int64_t to, float *out, float *scratch,
                      const volatile int32_t *stop) {
    const int64_t n = plan->n_timepoints, width = n + 2 * plan->padding + WIDTH;
    float *series = scratch + plan->padding, *gamma = series + width;  // (width,) each, zeros around the points
    float *alpha = scratch + 2 * width;                                // (n + WIDTH,)
    int32_t *counts = (int32_t *)(alpha + n + WIDTH);                  // (84 * most features,)
    memset(scratch, 0, sizeof(float) * 2 * width);
    for (int64_t i = from; i < to && !*stop; i++) {
        float *features = out + i * plan->n_features;
        for (int64_t s = 0; s < plan->n_steps; s++) {
            const minirocket_step *step = plan->steps + s;
            const int summed = s && step->channels == step[-1].channels;
            if (!summed) sum_channels(step, X + i * plan->n_channels * n, n, series, gamma);
            if (!summed || step->dilation != step[-1].dilation) sum_taps(series, step->dilation, n, alpha);
            const int64_t margin = step->padded ? 0 : 4 * step->dilation;
            memset(counts, 0, sizeof(int32_t) * step->n_kernels * step->n_biases);
            count_kernels(step, alpha, gamma, margin, n - margin, counts);
            const float points = (float)(n - 2 * margin);
            for (int64_t k = 0; k < step->n_kernels; k++) {
                float *here = features + step->first_feature + step->kernels[k].index * step->n_biases;
                for (int64_t f = 0; f < step->n_biases; f++) here[f] = (float)counts[k * step->n_biases + f] / points;
            }
        }
    }
}
