#include "forecast.h"

#include <stdlib.h>

#include "chain.h"
#include "matrix.h"

static double arrivals(size_t n, const double *ahead, size_t station)
{
    double sum = 0.0;
    for (size_t from = 0; from < n; from++)
        sum += ahead[from * n + station];
    return sum / (double)n;
}

static void summarise(size_t n, const double *ahead, struct forecast *result)
{
    *result = (struct forecast){0};
    for (size_t from = 0; from < n; from++) {
        double share = arrivals(n, ahead, from);
        if (share > result->busiest_share) {
            result->busiest = from;
            result->busiest_share = share;
        }
        result->stay += ahead[from * n + from] / (double)n;
        for (size_t to = 0; to < n; to++) {
            size_t distance = from > to ? from - to : to - from;
            result->spread += ahead[from * n + to] * (double)distance / (double)n;
        }
    }
}

int forecast(size_t n, const double *p, unsigned steps, struct forecast *result)
{
    double *ahead = matrix_new(n);
    if (!ahead)
        return -1;
    int status = chain_power(n, p, steps, ahead);
    if (status == 0)
        summarise(n, ahead, result);
    free(ahead);
    return status;
}
