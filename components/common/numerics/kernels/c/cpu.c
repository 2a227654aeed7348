// Which instruction sets this processor, and its operating system, can run: 0 baseline, 1 AVX2 and FMA, 2 AVX-512.
#include "kernels.h"

#if defined(__x86_64__)
#include <cpuid.h>

static unsigned long long enabled_registers(void) {
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (unsigned long long)high << 32 | low;
}

EXPORT int kernels_level(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
    const unsigned needed = bit_FMA | bit_OSXSAVE | bit_AVX | bit_F16C | bit_MOVBE | bit_POPCNT;
    if ((c & needed) != needed || (enabled_registers() & 6) != 6) return 0;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
    if ((b & (bit_AVX2 | bit_BMI | bit_BMI2)) != (bit_AVX2 | bit_BMI | bit_BMI2)) return 0;
    const unsigned wide = bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ | bit_AVX512VL;
    return (b & wide) == wide && (enabled_registers() & 0xe6) == 0xe6 ? 2 : 1;
}
#else
EXPORT int kernels_level(void) { return 0; }
#endif
