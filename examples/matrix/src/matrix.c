#include "matrix.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

double *matrix_new(size_t n)
{
    if (n == 0 || n > SIZE_MAX / n)
        return NULL;
    return calloc(n * n, sizeof(double));
}

void matrix_copy(size_t n, const double *restrict from, double *restrict to)
{
    memcpy(to, from, n * n * sizeof(double));
}

void matrix_multiply(size_t n, const double *restrict a, const double *restrict b, double *restrict c)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            double sum = 0.0;
            for (size_t k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = sum;
        }
    }
}
