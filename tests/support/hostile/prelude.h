/* What every program can use. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

struct program { const char *name; void (*run)(void); };

/* In two pieces: a program that shows its own file says nothing. */
static void escaped(void) { (void)!write(1, "\nesc", 4); (void)!write(1, "aped\n", 5); }
static const char *known(const char *name) { const char *value = getenv(name); return value ? value : "0"; }
static int number(const char *name) { return atoi(known(name)); }

/* A path below the folder outside. */
static const char *outside(const char *name)
{
    static char path[4096];
    snprintf(path, sizeof path, "%s/%s", known("OUTSIDE"), name);
    return path;
}

/* Shows what can be read of a file: whoever looks for a secret looks there. */
static void show(const char *path)
{
    char block[65536];
    ssize_t got;
    int fd = open(path, O_RDONLY | O_NONBLOCK);
    for (int blocks = 0; fd >= 0 && blocks < 64 && (got = read(fd, block, sizeof block)) > 0; blocks++)
        (void)!write(1, block, (size_t)got);
}

static int connected(int family, int kind, const void *address, socklen_t length)
{
    int fd = socket(family, kind, 0);
    if (fd < 0 || connect(fd, address, length) != 0) return -1;
    (void)!write(fd, "x", 1);
    return fd;
}

static struct sockaddr_in local(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static socklen_t named(struct sockaddr_un *address, const char *name, int abstract)
{
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    strncpy(address->sun_path + abstract, name, sizeof address->sun_path - 2);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + abstract + strlen(name));
}

/* A frame on a frame, which the compiler may not take away. */
static int program_again(int depth)
{
    volatile char room[1 << 14];
    memset((void *)room, depth, sizeof room);
    return program_again(depth + room[7]) + room[9];
}
