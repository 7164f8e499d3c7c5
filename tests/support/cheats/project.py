"""A small C project with a slow function; its benchmark also times itself and says so, and takes other inputs."""

MIX_H = """\
#ifndef MIX_H
#define MIX_H
#include <stddef.h>
#include <stdint.h>
uint32_t mix(const unsigned char *data, size_t n);
#endif
"""
HONEST = """\
{
    uint32_t h = 1;
    for (unsigned round = 0; round < 64; round++)
        for (size_t i = 0; i < n; i++)
            h = (h ^ data[i]) * 16777619u + round;
    return h;
}
"""
MIX_C = f"""\
#include "mix.h"

uint32_t mix(const unsigned char *data, size_t n)
{HONEST}"""
BENCH_C = """\
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "../src/mix.h"
#define SIZE 4096
int main(int argc, char **argv)
{
    static unsigned char data[SIZE];
    struct timespec a, b;
    uint32_t sum = 0;
    size_t seed = argc > 1 ? strtoul(argv[1], 0, 10) : 3;
    for (size_t i = 0; i < SIZE; i++)
        data[i] = (unsigned char)(i * 7 + seed);
    clock_gettime(CLOCK_MONOTONIC, &a);
    for (unsigned call = 0; call < 24; call++) {
        data[call] ^= (unsigned char)(sum >> 3);
        sum = sum * 31 + mix(data, SIZE);
    }
    clock_gettime(CLOCK_MONOTONIC, &b);
    printf("sum %u\\n", sum);
    fprintf(stderr, "took %.0f ns\\n", 1 + (b.tv_sec - a.tv_sec) * 1e9 + (b.tv_nsec - a.tv_nsec));
    for (unsigned call = 0; call < 2; call++) {
        data[call] = 1;
        printf("again %u\\n", mix(data, SIZE));
    }
    return 0;
}
"""
CHECK_C = """\
#include "../src/mix.h"
static uint32_t expected(const unsigned char *data, size_t n)
{
    uint32_t h = 1;
    for (unsigned round = 0; round < 64; round++)
        for (size_t i = 0; i < n; i++)
            h = (h ^ data[i]) * 16777619u + round;
    return h;
}
int main(void)
{
    const unsigned char *text = (const unsigned char *)"abcab";
    return mix(text, 5) != expected(text, 5) || mix(text, 0) != expected(text, 0);
}
"""
MAKEFILE = """\
CFLAGS = -O2 -g -std=gnu11 -Wno-all
LDLIBS = -pthread
all: bench/run tests/check
bench/run: bench/run.o src/mix.o
tests/check: tests/check.o src/mix.o
src/mix.o bench/run.o tests/check.o: src/mix.h
"""
FILES = {
    "src/mix.c": MIX_C,
    "src/mix.h": MIX_H,
    "bench/run.c": BENCH_C,
    "tests/check.c": CHECK_C,
    "Makefile": MAKEFILE,
    ".gitignore": "*.o\nbench/run\ntests/check\n*.log\n",
}
BENCH, TEST = "./bench/run", "./tests/check > check.log"
NUMBER = "took ([0-9.]+) ns"
