#include "chain.h"

#include <stdlib.h>

#include "matrix.h"

/* xorshift64*: small, and the same everywhere, which rand() is not. */
static double next_uniform(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (double)((*state * UINT64_C(2685821657736338717)) >> 11) / 9007199254740992.0;
}

void chain_generate(size_t n, uint64_t seed, double *p)
{
    uint64_t state = seed ? seed : 1;
    for (size_t i = 0; i < n; i++) {
        double total = 0.0;
        for (size_t j = 0; j < n; j++) {
            size_t distance = i > j ? i - j : j - i;
            p[i * n + j] = next_uniform(&state) / (1.0 + (double)distance);
            total += p[i * n + j];
        }
        for (size_t j = 0; j < n; j++)
            p[i * n + j] /= total;
    }
}

int chain_power(size_t n, const double *p, unsigned steps, double *out)
{
    double *longer = matrix_new(n);
    if (!longer)
        return -1;
    matrix_copy(n, p, out);
    for (unsigned step = 1; step < steps; step++) {
        matrix_multiply(n, out, p, longer);
        matrix_copy(n, longer, out);
    }
    free(longer);
    return 0;
}
