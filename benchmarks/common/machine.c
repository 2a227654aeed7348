// What the processor can do at most: the arithmetic of a kernel's cells, with everything in registers.
//
// Each function does the operations of n cells, as vectors of the instruction set that it is compiled for, in chains that
// do not wait for each other. HIDE makes the compiler believe that a value has changed: nothing is left out or hoisted.
#include <stdint.h>

#pragma STDC FP_CONTRACT ON  // a * b + c is one operation where the instruction set has it

#define FLOATS (2 * LANES)
typedef double doubles __attribute__((ext_vector_type(LANES)));
typedef float floats __attribute__((ext_vector_type(FLOATS)));
typedef int32_t whole __attribute__((ext_vector_type(FLOATS)));
#if defined(__x86_64__)
#define HIDE(value) __asm__ volatile("" : "+x"(value));
#else
#define HIDE(value) __asm__ volatile("" : "+w"(value));
#endif
#define EACH(chains, lanes)                             \
    for (int64_t i = 0; i < n; i += (chains) * (lanes)) \
        _Pragma("clang loop unroll(full)") for (int k = 0; k < (chains); k++)

// Additions in single precision: one takes three or four cycles, and two can begin in each.
void float_additions(int64_t n) {
    floats sum[8] = {0}, x = 1;
    HIDE(x)
    EACH(8, FLOATS) {
        sum[k] += x;
        HIDE(sum[k])
    }
}

// Comparisons in single precision, and counting how many were true.
void float_counts(int64_t n) {
    whole count[8] = {0};
    floats x = 1, bias = 2;
    EACH(8, FLOATS) {
        HIDE(x)
        count[k] -= x > bias;
        HIDE(count[k])
    }
}

// Products added up in double precision.
void double_products(int64_t n) {
    doubles sum[8] = {0}, x = 1, y = 0;
    HIDE(x) HIDE(y)
    EACH(8, LANES) {
        sum[k] += x * y;
        HIDE(sum[k])
    }
}

// Matrix profile: two products that renew a covariance, two that scale it, the larger one for its row and its column.
void profile_cells(int64_t n) {
    doubles covariance[6] = {0}, a = 0, b = 0, scale = 1, best = 0;
    HIDE(a) HIDE(b) HIDE(scale) HIDE(best)
    EACH(6, LANES) {
        covariance[k] += a * b;
        HIDE(covariance[k])
        covariance[k] += a * b;
        HIDE(covariance[k])
        doubles scaled = covariance[k] * scale;
        HIDE(scaled)
        scaled *= scale;
        HIDE(scaled)
        doubles row = best < scaled ? scaled : best;
        HIDE(row)
        doubles column = scaled < best ? best : scaled;
        HIDE(column)
    }
}

// Dynamic time warping: a difference, and its square on top of the least of three.
void warping_cells(int64_t n) {
    doubles a = 1, b = 0, c = 0, d = 0;
    EACH(8, LANES) {
        HIDE(a) HIDE(b) HIDE(c) HIDE(d)
        doubles difference = a - b, least = b < c ? b : c;
        HIDE(least)
        least = least < d ? least : d;
        HIDE(least)
        doubles total = least + difference * difference;
        HIDE(total)
    }
}
