/* Square matrices of doubles, row by row: element (i, j) of an n x n matrix stands at [i * n + j]. */
#ifndef MATRIX_H
#define MATRIX_H

#include <stddef.h>

/* A new n x n matrix of zeros, or NULL if there is no memory. Release it with free(). */
double *matrix_new(size_t n);

/* to = from. The two must not overlap. */
void matrix_copy(size_t n, const double *restrict from, double *restrict to);

/* c = a b. c must not overlap a or b; a and b may be the same matrix. */
void matrix_multiply(size_t n, const double *restrict a, const double *restrict b, double *restrict c);

#endif
