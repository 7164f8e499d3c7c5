/* Looks two trips ahead in a network of n stations (512 unless the first argument says otherwise). */
#include <stdio.h>
#include <stdlib.h>

#include "chain.h"
#include "forecast.h"
#include "matrix.h"

enum { STATIONS = 512, LARGEST = 4096, STEPS = 2, SEED = 20 };

static size_t stations(int argc, char **argv)
{
    if (argc < 2)
        return STATIONS;
    char *end;
    long n = strtol(argv[1], &end, 10);
    return *end == '\0' && n >= 1 && n <= LARGEST ? (size_t)n : 0;
}

int main(int argc, char **argv)
{
    size_t n = stations(argc, argv);
    if (n == 0) {
        fprintf(stderr, "usage: bench [STATIONS]   (1 to %d)\n", LARGEST);
        return 2;
    }
    struct forecast result;
    double *p = matrix_new(n);
    int status = p ? 0 : -1;
    if (status == 0) {
        chain_generate(n, SEED, p);
        status = forecast(n, p, STEPS, &result);
    }
    free(p);
    if (status != 0) {
        fprintf(stderr, "bench: no memory for %zu stations\n", n);
        return 1;
    }
    printf("stations  %zu\n", n);
    printf("busiest   %zu (%.15e of all trips)\n", result.busiest, result.busiest_share);
    printf("stay      %.15e\n", result.stay);
    printf("spread    %.15e\n", result.spread);
    return 0;
}
