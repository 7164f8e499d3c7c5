/* What a chain of trips says about its stations after some steps. */
#ifndef FORECAST_H
#define FORECAST_H

#include <stddef.h>

struct forecast {
    size_t busiest;       /* station at which most trips stand, if as many begin at every station */
    double busiest_share; /* share of all trips that stand there */
    double stay;          /* mean probability to be back where the trip began */
    double spread;        /* mean distance, in stations, between where a trip began and where it stands */
};

/* Looks `steps` (at least 1) trips ahead from every station of the n x n chain p.
 * Returns 0, or -1 if there is no memory. */
int forecast(size_t n, const double *p, unsigned steps, struct forecast *result);

#endif
