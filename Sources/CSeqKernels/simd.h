#pragma once
// Elementary functions as straight-line code that the compiler turns into SIMD of any width, and the
// attribute that compiles a loop once for each level of x86-64 and picks one when the program starts.
#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && defined(__linux__)
#define SEQ_SIMD __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define SEQ_SIMD
#endif

#define SEQ_INLINE static inline __attribute__((always_inline))
/// Lets the compiler add up a reduction in SIMD lanes; placed at the start of a function body.
#define SEQ_REASSOCIATE _Pragma("clang fp reassociate(on) contract(fast)")
#define SEQ_CONTRACT _Pragma("clang fp contract(fast)")

/// e^x by Cephes' expf: x = n ln 2 + r with |r| ≤ ln 2 / 2, polynomial of degree 6 in r.
SEQ_INLINE float seq_expf(float x) {
    SEQ_CONTRACT
    x = x < -87.0f ? -87.0f : x;
    x = x > 88.0f ? 88.0f : x;
    // Adding and subtracting 1.5·2^23 rounds to the nearest integer without a library call.
    float n = (x * 1.44269504088896341f + 12582912.0f) - 12582912.0f;
    float r = x - n * 0.693359375f;
    r = r - n * -2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    float e = p * (r * r) + r + 1.0f;
    int32_t bits = ((int32_t)n + 127) << 23;
    float power;
    __builtin_memcpy(&power, &bits, 4);
    return e * power;
}

/// ln x of a positive normal x by Cephes' logf: exponent and mantissa in [√½, √2), polynomial of degree 8.
SEQ_INLINE float seq_logf(float x) {
    SEQ_CONTRACT
    int32_t bits;
    __builtin_memcpy(&bits, &x, 4);
    // The exponent such that the mantissa is below √2.
    int32_t exponent = (bits - 0x3F3504F3) >> 23;
    bits -= exponent * (1 << 23);
    float m;
    __builtin_memcpy(&m, &bits, 4);
    m -= 1.0f;
    float p = 7.0376836292e-2f;
    p = p * m - 1.1514610310e-1f;
    p = p * m + 1.1676998740e-1f;
    p = p * m - 1.2420140846e-1f;
    p = p * m + 1.4249322787e-1f;
    p = p * m - 1.6668057665e-1f;
    p = p * m + 2.0000714765e-1f;
    p = p * m - 2.4999993993e-1f;
    p = p * m + 3.3333331174e-1f;
    float z = m * m;
    return m + (p * m * z - 0.5f * z) + float(exponent) * 0.693147180559945f;
}

SEQ_INLINE float seq_sigmoidf(float x) { return 1.0f / (1.0f + seq_expf(-x)); }

/// tanh by Cephes' tanhf: an odd polynomial below 0.625, 1 - 2/(e^2x + 1) above.
SEQ_INLINE float seq_tanhf(float x) {
    SEQ_CONTRACT
    float a = fabsf(x);
    float large = 1.0f - 2.0f / (seq_expf(2.0f * a) + 1.0f);
    large = copysignf(large, x);
    float z = x * x;
    float p = -5.70498872745e-3f;
    p = p * z + 2.06390887954e-2f;
    p = p * z + -5.37397155531e-2f;
    p = p * z + 1.33314422036e-1f;
    p = p * z + -3.33332819422e-1f;
    float small = p * z * x + x;
    return a < 0.625f ? small : large;
}
