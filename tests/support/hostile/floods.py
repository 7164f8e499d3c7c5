"""Programs that want all there is, or never to end: what they start has to be dead and what they fill be empty."""

# ruff: noqa: Q000, Q003 - foreign languages with quotes of their own

from tests.support.hostile.program import Hostile, c, sh

_BURN = "for (volatile long n = 0;; n++) {}"
_FILL = "int fd = creat(path, 0644); static char block[1 << 20]; while (fd >= 0 && write(fd, block, sizeof block) > 0) {}"


def _filled(name: str, place: str) -> Hostile:
    return c(name, f'char path[4096]; snprintf(path, sizeof path, "%s/fill", {place}); {_FILL} pause();')


FLOODS: tuple[Hostile, ...] = (
    c("forks without end", f"for (;;) if (fork() == 0) {{ {_BURN} }}"),
    c("forks of forks", "for (;;) fork();"),
    c("sessions without end", "for (;;) if (fork() == 0) { setsid(); }"),
    c("daemons", "for (int i = 0; i < 40; i++) if (fork() == 0) { setsid(); if (fork()) _exit(0); for (;;) pause(); }"),
    c("a daemon that closed everything",
      f"if (fork() == 0) {{ setsid(); if (fork()) _exit(0); for (int fd = 0; fd < 4096; fd++) close(fd); {_BURN} }}"),
    c("a daemon by vfork and exec",
      'if (vfork() == 0) { execlp("setsid", "setsid", "-f", "sleep", "1000", (char *)0); _exit(1); } sleep(1);'),
    c("runs away from its hunters",
      "if (fork() == 0) { setsid(); for (;;) { if (fork()) _exit(0); setsid(); usleep(200); } } usleep(300000);"),
    c("threads without end",
      "for (;;) { pthread_t t; if (pthread_create(&t, 0, (void *(*)(void *))pause, 0)) pause(); }"),
    c("zombies", "for (int i = 0; i < 100000; i++) if (fork() == 0) _exit(0); pause();"),
    c("memory", "for (;;) { char *p = malloc(1 << 20); if (p) memset(p, 1, 1 << 20); }"),
    c("memory of eight processes",
      "for (int i = 0; i < 3; i++) fork(); for (;;) { char *p = malloc(1 << 20); if (p) memset(p, 1, 1 << 20); }"),
    c("locked memory", "mlockall(3); for (;;) { char *p = malloc(1 << 20); if (p) memset(p, 1, 1 << 20); }"),
    c("shared mappings", "for (;;) { char *p = mmap(0, 1 << 20, 3, MAP_SHARED | MAP_ANONYMOUS, -1, 0);"
      " if (p != MAP_FAILED) memset(p, 1, 1 << 20); else pause(); }"),
    c("files in memory", "int fd = memfd_create(\"m\", 0); static char block[1 << 20];"
      " while (write(fd, block, sizeof block) > 0) {} pause();"),
    c("segments of shared memory", "for (;;) { int id = shmget(IPC_PRIVATE, 1 << 20, IPC_CREAT | 0600);"
      " char *p = shmat(id, 0, 0); if (p == (void *)-1) pause(); memset(p, 1, 1 << 20); }"),
    c("a stack without end", "struct rlimit l = {-1, -1}; setrlimit(RLIMIT_STACK, &l);"
      " volatile char deep[1 << 16]; for (long i = 0; i < sizeof deep; i++) deep[i] = 1; program_again(deep[5]);"),
    c("pipes filled", "for (;;) { int p[2]; if (pipe(p)) pause(); fcntl(p[1], F_SETPIPE_SZ, 1 << 20);"
      " fcntl(p[1], F_SETFL, O_NONBLOCK); static char b[1 << 16]; while (write(p[1], b, sizeof b) > 0) {} }"),
    c("sockets filled", "for (;;) { int p[2]; if (socketpair(AF_UNIX, SOCK_DGRAM, 0, p)) pause();"
      " fcntl(p[1], F_SETFL, O_NONBLOCK); static char b[1 << 15]; while (write(p[1], b, sizeof b) > 0) {} }"),
    c("descriptors without end", "while (dup(0) >= 0 || dup(1) >= 0) {} pause();"),
    c("descriptors in flight", "for (;;) { int p[2]; if (socketpair(AF_UNIX, SOCK_DGRAM, 0, p)) pause(); }"),
    _filled("the tree, by one file", '"."'),
    _filled("temporary files, by one file", 'known("TMPDIR")'),
    _filled("shared memory, by one file", '"/dev/shm"'),
    _filled("the folder of devices", '"/dev"'),
    c("the tree, by small files", 'for (long i = 0;; i++) { char p[64]; sprintf(p, "f%ld", i); int fd = creat(p, 0644);'
      " if (fd < 0) pause(); (void)!write(fd, p, 64); close(fd); }"),
    c("the tree, by folders", 'for (;;) if (mkdir("deeper", 0755) || chdir("deeper")) pause();'),
    c("the tree, allocated", 'int fd = creat("big", 0644); for (long n = 0; !fallocate(fd, 0, n << 24, 1 << 24); n++) {} pause();'),
    c("a hole of a tebibyte", 'int fd = creat("hole", 0644); if (ftruncate(fd, 1L << 40)) ftruncate(fd, 1L << 30); pause();'),
    c("a file that is deleted and grows", 'char path[] = "gone"; int keep = creat(path, 0644); unlink(path);'
      " static char block[1 << 20]; while (write(keep, block, sizeof block) > 0) {} pause();"),
    c("output", "static char block[1 << 16]; for (;;) (void)!write(1, block, sizeof block);"),
    c("output on both streams", "static char block[1 << 16]; for (int n = 0;; n++) (void)!write(1 + (n & 1), block, sizeof block);"),
    c("output by many", "for (int i = 0; i < 5; i++) fork(); for (;;) (void)!write(1, \"flood\\n\", 6);"),
    c("sleeps", "for (;;) pause();"),
    c("spins", _BURN),
    c("ignores every signal", "for (int s = 1; s < 65; s++) signal(s, SIG_IGN); for (;;) pause();"),
    c("stops itself", "raise(SIGSTOP); for (;;) pause();"),
    c("stops its parents", "kill(getppid(), SIGSTOP); kill(1, SIGSTOP); for (;;) pause();"),
    c("kills its parents", "kill(getppid(), SIGKILL); kill(1, SIGKILL); for (;;) pause();"),
    c("closes everything and spins", f"for (int fd = 0; fd < 4096; fd++) close(fd); {_BURN}"),
    c("waits for a pipe that nobody writes", 'mkfifo("pipe", 0644); open("pipe", O_RDONLY);'),
    c("starts itself again and again", 'execl("/proc/self/exe", "x", "starts itself again and again", (char *)0);'),
    sh("arguments without end", 'a=x; while :; do a="$a$a"; /bin/true "$a"; done'),
    sh("a shell of shells", 'bomb() { bomb | bomb & }; bomb; sleep 100'),
    sh("reads for ever", "cat /dev/zero > /dev/null"),
)  # fmt: skip
