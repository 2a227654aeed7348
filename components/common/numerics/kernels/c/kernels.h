// What the kernels share: every file is compiled once for each instruction set, with another suffix of its names.
#pragma once
#include <math.h>
#include <stdint.h>
#include <string.h>

#ifndef LANES
#define LANES 2  // doubles in a vector of the instruction set
#endif
typedef double vector __attribute__((ext_vector_type(LANES), aligned(8)));
typedef __typeof__((vector)(0) > (vector)(0)) mask;  // what comparisons give

static inline vector load(const double *p) { return *(const vector *)p; }
static inline void store(double *p, vector x) { *(vector *)p = x; }
static inline vector spread(double x) { return (vector)(x); }
static inline vector smaller(vector a, vector b) { return a < b ? a : b; }
static inline vector larger(vector a, vector b) { return a > b ? a : b; }
static inline int any(mask m) { return __builtin_reduce_or(m) != 0; }

#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif
#define KERNEL EXPORT void
#define INLINE static inline __attribute__((always_inline))

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)
#define NAME(function) JOIN(function, SUFFIX)

typedef struct {
    int32_t a, b, c;  // taps whose weight is 2
    int32_t index;    // which of the 84
} minirocket_kernel;

typedef struct {
    int64_t dilation, padded, n_biases, first_feature, n_channels, n_kernels;
    const int32_t *channels;           // (n_channels,): the same place in memory where they are the same
    const minirocket_kernel *kernels;  // (n_kernels,)
    const float *biases;               // (84, n_biases)
} minirocket_step;

typedef struct {
    int64_t n_channels, n_timepoints, padding, n_features, n_steps;
    const minirocket_step *steps;
} minirocket_plan;

// The windows of one series, as the recurrence of covariances along a diagonal wants them.
typedef struct {
    int64_t n, length;
    const double *series;   // (n + length - 1,)
    const double *mean;     // (n,)
    const double *inverse;  // (n,): 1 / (deviation * sqrt(length)), 0 for a constant window
    const double *df, *dg;  // (n,): see measure_windows
} windows;

// Series of any lengths, zeros behind their ends.
typedef struct {
    int64_t n, n_channels, longest;
    const double *values;    // (n, n_channels, longest)
    const int64_t *lengths;  // (n,)
} warped;
