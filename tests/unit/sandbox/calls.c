/* Makes one system call after the other and says how each ends: NAME ERRNO, a line each; 0 for success. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static void say(const char *name, long result) { printf("%s %d\n", name, result < 0 ? errno : 0); }

int main(void) {
    static char attributes[128] = {1, 0, 0, 0, 64}; /* software, 64 bytes, counting the task clock */
    attributes[8] = 1;
    attributes[40] = 1 << 5 | 1 << 6; /* without the kernel, without a hypervisor */
    int pair[2];
    struct rlimit limit;

    say("unix", socket(AF_UNIX, SOCK_STREAM, 0));
    say("inet", socket(AF_INET, SOCK_STREAM, 0));
    say("udp", socket(AF_INET, SOCK_DGRAM, 0));
    say("packet", socket(AF_PACKET, SOCK_RAW, 0));
    say("vsock", socket(40, SOCK_STREAM, 0));
    say("alg", socket(38, SOCK_SEQPACKET, 0));
    say("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    say("io_uring_setup", syscall(SYS_io_uring_setup, 1, NULL));
    say("bpf", syscall(SYS_bpf, 0, NULL, 0));
    say("keyctl", syscall(SYS_keyctl, 0, -3, 0));
    say("userfaultfd", syscall(SYS_userfaultfd, 1));
    say("ptrace", syscall(SYS_ptrace, 0, 0, 0, 0));
    say("unshare", syscall(SYS_unshare, 0x10000000));
    say("clone3", syscall(SYS_clone3, NULL, 0));
    say("mount", syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, NULL));
    say("reboot", syscall(SYS_reboot, 0, 0, 0, NULL));
    say("chroot", syscall(SYS_chroot, "."));
    say("personality", personality(0xffffffff));
    say("perf_event_open", syscall(SYS_perf_event_open, attributes, 0, -1, -1, 0));
    say("tiocsti", ioctl(0, 0x5412, "x"));
    say("shmget", syscall(SYS_shmget, 0, 4096, 0600));
    say("own-limit", syscall(SYS_prlimit64, 0, RLIMIT_CORE, NULL, &limit));
    say("other-limit", syscall(SYS_prlimit64, getppid(), RLIMIT_CORE, NULL, &limit));
    struct rlimit lower = {1, 1};
    say("mark", syscall(SYS_prlimit64, 0, RLIMIT_LOCKS, &lower, NULL));
    say("mark-by-the-old-call", syscall(SYS_setrlimit, RLIMIT_LOCKS, &lower));
    say("own-priority", setpriority(PRIO_PROCESS, 0, 19));
    say("other-priority", setpriority(PRIO_PROCESS, getppid(), 19));
    say("user-priority", setpriority(PRIO_USER, 0, 19));
    say("owner", chown("calls", getuid(), getgid()));
    say("attribute", syscall(SYS_setxattr, "calls", "user.x", "x", 1, 0));
    return 0;
}
