/* Products worked out by hand. All numbers are small integers or halves, so that every sum is exact. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "chain.h"
#include "forecast.h"
#include "matrix.h"

static int failures;

static void expect(const char *what, size_t at, double wanted, double found)
{
    if (wanted == found)
        return;
    fprintf(stderr, "%s [%zu]: wanted %g, found %g\n", what, at, wanted, found);
    failures++;
}

static void expect_all(const char *what, size_t count, const double *wanted, const double *found)
{
    for (size_t at = 0; at < count; at++)
        expect(what, at, wanted[at], found[at]);
}

static void multiplies_one_by_one(void)
{
    const double a[] = {3}, b[] = {-2}, wanted[] = {-6};
    double c[] = {99};
    matrix_multiply(1, a, b, c);
    expect_all("1x1", 1, wanted, c);
}

static void multiplies_three_by_three(void)
{
    const double a[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    const double b[] = {2, 0, -1, 1, 1, 0, 0, 3, 4};
    const double wanted[] = {4, 11, 11, 13, 23, 20, 22, 35, 29};
    double c[] = {99, 99, 99, 99, 99, 99, 99, 99, 99};
    matrix_multiply(3, a, b, c);
    expect_all("3x3", 9, wanted, c);
    matrix_multiply(3, a, b, c);
    expect_all("3x3, c used before", 9, wanted, c);
}

/* Row i of a has i + 1 everywhere, column j of b has j - 2 everywhere: c(i, j) = n (i + 1) (j - 2). */
static void multiplies_any_size(size_t n)
{
    double *a = matrix_new(n), *b = matrix_new(n), *c = matrix_new(n);
    if (!a || !b || !c)
        abort();
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            a[i * n + j] = (double)i + 1;
            b[i * n + j] = (double)j - 2;
        }
    matrix_multiply(n, a, b, c);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            expect("n x n", i * n + j, (double)n * ((double)i + 1) * ((double)j - 2), c[i * n + j]);
    free(a);
    free(b);
    free(c);
}

static void raises_to_a_power(void)
{
    const double p[] = {0.5, 0.5, 0.25, 0.75};
    const double squared[] = {0.375, 0.625, 0.3125, 0.6875};
    const double cubed[] = {0.34375, 0.65625, 0.328125, 0.671875};
    double out[4];
    if (chain_power(2, p, 1, out) != 0)
        abort();
    expect_all("p", 4, p, out);
    if (chain_power(2, p, 2, out) != 0)
        abort();
    expect_all("p p", 4, squared, out);
    if (chain_power(2, p, 3, out) != 0)
        abort();
    expect_all("p p p", 4, cubed, out);
}

/* Only glibc tells how much is allocated. */
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
static double bytes_in_use(void)
{
    return (double)mallinfo2().uordblks;
}
#else
static double bytes_in_use(void)
{
    return 0;
}
#endif

static void gives_its_memory_back(void)
{
    const double p[] = {0.5, 0.5, 0.25, 0.75};
    struct forecast result;
    forecast(2, p, 2, &result); /* what the allocator keeps for the next time is kept from here on */
    const double before = bytes_in_use();
    forecast(2, p, 2, &result);
    expect("bytes in use after a forecast", 0, before, bytes_in_use());
}

/* Where there is no memory, or no station, that is said. */
static void refuses_what_it_cannot_hold(void)
{
    double out[1] = {99};
    struct forecast result;
    expect("no station", 0, -1, chain_power(0, out, 1, out));
    expect("no station, untouched", 0, 99, out[0]);
    expect("no forecast", 0, -1, forecast(0, out, 1, &result));
    expect("too many stations", 0, -1, forecast((size_t)1 << 40, out, 1, &result));
}

static void forecasts(void)
{
    const double p[] = {0.5, 0.5, 0.25, 0.75};
    struct forecast result;
    if (forecast(2, p, 2, &result) != 0)
        abort();
    expect("busiest", 0, 1, (double)result.busiest);
    expect("busiest share", 0, 0.65625, result.busiest_share);
    expect("stay", 0, 0.53125, result.stay);
    expect("spread", 0, 0.46875, result.spread);
}

int main(void)
{
    multiplies_one_by_one();
    multiplies_three_by_three();
    multiplies_any_size(2);
    multiplies_any_size(7);
    multiplies_any_size(13);
    multiplies_any_size(16);
    raises_to_a_power();
    forecasts();
    refuses_what_it_cannot_hold();
    gives_its_memory_back();
    puts(failures ? "FAILED" : "all passed");
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
