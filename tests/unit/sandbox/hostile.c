/* Programs that are hard to account for or to get rid of. Usage: hostile MODE [SECONDS | LOCKFILE] */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static double used(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* Uses that much processor time and says how much it was. */
static void burn(double seconds) {
    volatile unsigned long n = 0;
    while (used() < seconds)
        for (int i = 0; i < 20000; i++) n += i;
    printf("%.6f\n", used());
    fflush(stdout);
}

/* Holds the lock for as long as it lives. */
static void hold(const char *path) {
    int fd = open(path, O_RDWR | O_CREAT, 0666);
    if (fd < 0 || flock(fd, LOCK_EX) != 0) _exit(9);
}

static void wait_for_end_of(int fd) {
    char byte;
    while (read(fd, &byte, 1) > 0) {}
}

/* Runs in a grandchild with its own session, which nobody waits for; returns there with 1, in the parent with 0. */
static int detached(int ready[2]) {
    if (pipe(ready) != 0) _exit(9);
    if (fork() == 0) {
        setsid();
        if (fork() == 0) {
            close(ready[0]);
            return 1;
        }
        _exit(0);
    }
    close(ready[1]);
    return 0;
}

int main(int argc, char **argv) {
    const char *mode = argv[1], *last = argc > 2 ? argv[2] : "";
    int ready[2];

    if (!strcmp(mode, "burn")) {
        burn(atof(last));
    } else if (!strcmp(mode, "two")) {
        for (int i = 0; i < 2; i++)
            if (fork() == 0) {
                burn(atof(last));
                return 0;
            }
        while (wait(NULL) > 0) {}
    } else if (!strcmp(mode, "unwaited")) { /* the kernel reaps: wait4 never sees the child's time */
        signal(SIGCHLD, SIG_IGN);
        if (pipe(ready) != 0) return 9;
        if (fork() == 0) {
            close(ready[0]);
            burn(atof(last));
            return 0;
        }
        close(ready[1]);
        wait_for_end_of(ready[0]);
    } else if (!strcmp(mode, "detached")) {
        if (detached(ready)) {
            burn(atof(last));
            return 0;
        }
        wait_for_end_of(ready[0]);
    } else if (!strcmp(mode, "daemon")) { /* ends at once, leaves a daemon that holds the output and a lock */
        if (detached(ready)) {
            hold(last);
            close(ready[1]);
            for (;;) pause();
        }
        wait_for_end_of(ready[0]);
        puts("gone");
    } else if (!strcmp(mode, "busy-daemon")) { /* leaves one that has burnt half a second and goes on */
        if (detached(ready)) {
            burn(0.5);
            close(ready[1]);
            for (;;) {}
        }
        wait_for_end_of(ready[0]);
    } else if (!strcmp(mode, "stay")) { /* a child in another session holds the lock, both stay for good */
        signal(SIGTERM, SIG_IGN);
        signal(SIGINT, SIG_IGN);
        signal(SIGHUP, SIG_IGN);
        if (fork() == 0) {
            setsid();
            hold(last);
            for (;;) pause();
        }
        for (;;) pause();
    } else if (!strcmp(mode, "memory")) {
        size_t size = (size_t)atol(last) << 20;
        char *block = malloc(size);
        if (!block) return 9;
        memset(block, 1, size);
        usleep(60000);
        printf("%d\n", block[size / 2]);
    } else if (!strcmp(mode, "hog")) { /* holds that many MiB for good, in four processes together */
        size_t size = ((size_t)atol(last) << 20) / 4;
        if (fork() == 0) setsid();
        fork();
        char *block = malloc(size);
        if (!block) return 9;
        memset(block, 1, size);
        for (;;) pause();
    } else if (!strcmp(mode, "share")) { /* eight processes that hold the same MiB for a moment */
        size_t size = (size_t)atol(last) << 20;
        char *block = malloc(size);
        if (!block) return 9;
        memset(block, 1, size);
        for (int i = 0; i < 7; i++)
            if (fork() == 0) {
                volatile char sum = 0;
                for (size_t at = 0; at < size; at += 4096) sum += block[at];
                usleep(400000);
                return 0;
            }
        while (wait(NULL) > 0) {}
        puts("shared");
    } else {
        return 8;
    }
    return 0;
}
