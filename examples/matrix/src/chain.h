/* Markov chains: p[i * n + j] is the probability to go from state i to state j in one step. */
#ifndef CHAIN_H
#define CHAIN_H

#include <stddef.h>
#include <stdint.h>

/* Fills p with a chain in which near states are likelier than far ones, the same for the same seed. */
void chain_generate(size_t n, uint64_t seed, double *p);

/* out = p to the power of `steps` (at least 1): the probabilities after that many steps.
 * Returns 0, or -1 if there is no memory. */
int chain_power(size_t n, const double *p, unsigned steps, double *out);

#endif
