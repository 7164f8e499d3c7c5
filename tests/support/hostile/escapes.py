"""Programs that want out of their tree: to write elsewhere, to reach another process, the network, the kernel."""

# ruff: noqa: Q003 - foreign languages with quotes of their own

from tests.support.hostile.program import Hostile, c, sh

_TIMES = "Landlock protects contents, not times and modes; builds need the calls, and a filter sees no paths"

# What can be done to a place outside: {there} is the folder by one way or another.
_DEEDS = {
    "create": "echo x > {there}/created",
    "overwrite": "echo x > {there}/precious",
    "append": "echo x >> {there}/precious",
    "remove": "rm -f {there}/precious",
}
_ROUTES = {
    "by its path": '"$OUTSIDE"',
    "through a link in the tree": "link",
    "upwards": '"$(pwd | sed "s#/[^/]*#/..#g" | cut -c2-)$OUTSIDE"',
    "through our own root": '/proc/self/root"$OUTSIDE"',
    "through the root of process 1": '/proc/1/root"$OUTSIDE"',
    "through another process's root": '/proc/"$PROCESS"/root"$OUTSIDE"',
    "through another process's folder": '/proc/"$PROCESS"/cwd',
    "through our starter's root": '/proc/"$PARENT"/root"$OUTSIDE"',
}
_BY_ROUTE = tuple(
    sh(f"{deed}, {route}", f'ln -s "$OUTSIDE" link; {text.format(there=there)}')
    for route, there in _ROUTES.items()
    for deed, text in _DEEDS.items()
)
_FILES = (
    sh("hard link into the tree", 'ln "$OUTSIDE/precious" mine && echo x > mine'),
    sh("rename out of the tree", 'echo x > bomb; mv -T bomb "$OUTSIDE/created"'),
    sh("rename into the tree", 'mv "$OUTSIDE/precious" .'),
    sh("make a folder", 'mkdir "$OUTSIDE/folder"'),
    sh("make a pipe", 'mkfifo "$OUTSIDE/pipe"'),
    sh("make a link", 'ln -s /etc/passwd "$OUTSIDE/link"'),
    sh("remove a folder", 'rmdir "$OUTSIDE/empty"'),
    sh("change the mode", 'chmod 600 "$OUTSIDE/precious"', landlock=_TIMES),
    sh("change the times", 'touch -d 2001-01-01 "$OUTSIDE/precious"', landlock=_TIMES),
    sh("set the times to now", 'touch "$OUTSIDE/precious"', landlock=_TIMES),
    c("change extended attributes", 'setxattr(outside("precious"), "user.mark", "x", 1, 0);'),
    c("truncate", 'if (truncate(outside("precious"), 0)) creat(outside("precious"), 0644);'),
    c("make a socket", "struct sockaddr_un a; socklen_t n = named(&a, outside(\"made\"), 0);"
      "bind(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&a, n);"),
    c("exchange two files", 'close(creat("mine", 0644)); renameat2(-100, "mine", -100, outside("precious"), 2);'),
    c("allocate a file", 'int fd = open(outside("precious"), O_WRONLY); fallocate(fd, 0, 0, 1 << 20);'),
    c("map a file", 'int fd = open(outside("precious"), O_RDWR); char *p = mmap(0, 4096, 3, 1, fd, 0);'
      "if (p != MAP_FAILED) *p = 'x';"),
    c("descriptors that were left open",
      "for (int fd = 3; fd < 4096; fd++) {"
      " struct stat s; if (fstat(fd, &s)) continue;"
      " if (S_ISDIR(s.st_mode) || (S_ISREG(s.st_mode) && write(fd, \"x\", 1) == 1)) escaped();"
      " if (openat(fd, \"created\", O_CREAT | O_WRONLY, 0644) >= 0) escaped(); }"),
    c("a handle of a file", "struct { struct file_handle h; char room[128]; } f = {{128, 0}}; int mount;"
      "if (!name_to_handle_at(-100, \"/usr\", &f.h, &mount, 0)"
      " && open_by_handle_at(open(\"/\", O_RDONLY), &f.h, O_RDONLY) >= 0) escaped();"),
    sh("a link that is changed while it is used",
       'for i in 1 2 3 4 5 6 7 8; do ln -sfn . flip; ln -sfn "$OUTSIDE" flip & echo x > flip/created; done; wait'),
)  # fmt: skip
_PROCESSES = (
    *(sh(f"signal {name}", f'kill -{name} "$PROCESS"') for name in ("TERM", "KILL", "STOP", "USR1")),
    sh("signal our starter", 'kill -USR2 "$PARENT"'),
    c("signal by a queue", "union sigval v = {1}; sigqueue(number(\"PROCESS\"), SIGUSR1, v);"),
    c("signal by a descriptor", "int fd = syscall(SYS_pidfd_open, number(\"PROCESS\"), 0);"
      "syscall(SYS_pidfd_send_signal, fd, SIGUSR1, 0, 0);"),
    c("signal by an owned descriptor", "int p[2]; socketpair(AF_UNIX, SOCK_STREAM, 0, p);"
      "fcntl(p[0], F_SETOWN, number(\"PROCESS\")); fcntl(p[0], F_SETSIG, SIGUSR1);"
      "fcntl(p[0], F_SETFL, O_ASYNC); (void)!write(p[1], \"x\", 1); usleep(20000);"),
    c("trace", "if (!ptrace(PTRACE_ATTACH, number(\"PROCESS\"), 0, 0)) escaped();"),
    c("seize", "if (!ptrace(PTRACE_SEIZE, number(\"PROCESS\"), 0, 0)) escaped();"),
    c("write its memory", "char path[64]; sprintf(path, \"/proc/%d/mem\", number(\"PROCESS\"));"
      "if (open(path, O_RDWR) >= 0) escaped();"),
    c("take its descriptors", "int fd = syscall(SYS_pidfd_open, number(\"PROCESS\"), 0);"
      "if (syscall(438, fd, 0, 0) >= 0) escaped();"),
    c("write its memory by vectors", "char x = 1; struct iovec l = {&x, 1}, r = {(void *)0x400000, 1};"
      "if (process_vm_writev(number(\"PROCESS\"), &l, 1, &r, 1, 0) >= 0 || errno == EFAULT) escaped();"),
    sh("its chance to be killed", 'echo 999 > /proc/"$PROCESS"/oom_score_adj'),
    c("its priority", "setpriority(PRIO_PROCESS, number(\"PROCESS\"), 15);"),
    c("its processors", "cpu_set_t one; CPU_ZERO(&one); CPU_SET(0, &one);"
      "sched_setaffinity(number(\"PROCESS\"), sizeof one, &one);",
      landlock="Landlock knows nothing of processors; threads pin themselves by the same call"),
    c("its limits", "struct rlimit64 l = {1, 1}; syscall(SYS_prlimit64, number(\"PROCESS\"), RLIMIT_NOFILE, &l, 0);"),
    c("our starter's limits", "struct rlimit64 l = {9, 9}; syscall(SYS_prlimit64, number(\"PARENT\"), RLIMIT_CORE, &l, 0);"),
)  # fmt: skip
_SOCKETS = (
    c("TCP", "struct sockaddr_in a = local(number(\"TCP\")); connected(AF_INET, SOCK_STREAM, &a, sizeof a);"),
    c("UDP", "struct sockaddr_in a = local(number(\"UDP\")); connected(AF_INET, SOCK_DGRAM, &a, sizeof a);"),
    c("a socket in a file", "struct sockaddr_un a; socklen_t n = named(&a, outside(\"listens\"), 0);"
      "connected(AF_UNIX, SOCK_STREAM, &a, n);"),
    c("an abstract socket", "struct sockaddr_un a; socklen_t n = named(&a, known(\"ABSTRACT\"), 1);"
      "connected(AF_UNIX, SOCK_STREAM, &a, n);"),
    c("TCP, at once with its data", "struct sockaddr_in a = local(number(\"TCP\"));"
      "sendto(socket(AF_INET, SOCK_STREAM, 0), \"x\", 1, MSG_FASTOPEN, (void *)&a, sizeof a);"),
    c("TCP over version 6", "struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_port = htons(number(\"TCP\"))};"
      "inet_pton(AF_INET6, \"::ffff:127.0.0.1\", &a.sin6_addr); connected(AF_INET6, SOCK_STREAM, &a, sizeof a);"),
    *(c(f"a socket of family {family}", f"for (int kind = 1; kind < 6; kind++)"
        f" if (socket({family}, kind, 0) >= 0) escaped();")
      for family in (5, 9, 17, 21, 29, 31, 38, 40, 44)),  # AppleTalk, X.25, packet, RDS, CAN, Bluetooth, crypto, vsock, XDP
    c("a raw socket", "if (socket(AF_INET, SOCK_RAW, 1) >= 0) escaped();"),
    c("the kernel's own families of netlink", "for (int p = 1; p < 22; p++)"
      "{ int fd = socket(AF_NETLINK, SOCK_RAW, p); struct sockaddr s = {AF_NETLINK}; "
      "if (p == 9 && fd >= 0) { struct { unsigned v[4]; } m = {{16, 1000 << 0, 0, 0}};"
      " if (write(fd, &m, sizeof m) > 0 && geteuid() == 0) escaped(); } }"),
)  # fmt: skip
_KERNEL = (
    c("io_uring", "char p[256] = {0}; if (syscall(425, 4, p) >= 0) escaped();"),
    c("keys", "if (syscall(SYS_add_key, \"user\", \"mark\", \"x\", 1, -4) >= 0) escaped();"),
    c("a session of keys", "if (syscall(SYS_keyctl, 1, 0) >= 0) escaped();"),
    c("bpf", "char a[128] = {0}; a[0] = 2; a[4] = 4; a[8] = 4; a[12] = 1; if (syscall(SYS_bpf, 0, a, 72) >= 0) escaped();"),
    c("performance events", "struct perf_event_attr a = {.size = sizeof a, .type = 1, .exclude_kernel = 1};"
      "if (syscall(SYS_perf_event_open, &a, 0, -1, -1, 0) >= 0) escaped();"),
    c("faults of memory", "if (syscall(SYS_userfaultfd, 1) >= 0) escaped();"),
    *(c(f"namespaces of kind {flag:#x}", f"if (!unshare({flag:#x})) escaped();")
      for flag in (0x10000000, 0x20000, 0x40000000, 0x2000000)),
    c("namespaces by clone", "if (syscall(SYS_clone, 0x10000000 | SIGCHLD, 0, 0, 0, 0) >= 0) escaped();"),
    c("namespaces by clone3", "long a[11] = {0x10000000}; a[4] = SIGCHLD; if (syscall(435, a, 88) >= 0) escaped();"),
    c("another's namespaces", "char path[64]; sprintf(path, \"/proc/%d/ns/mnt\", number(\"PROCESS\"));"
      "int fd = open(path, O_RDONLY); if (fd >= 0 && !setns(fd, 0)) escaped();"),
    c("mount", "if (!mount(\"none\", \"/tmp\", \"tmpfs\", 0, 0) || !mount(\"none\", \".\", \"tmpfs\", 0, 0)) escaped();"),
    c("mount by descriptors", "if (syscall(430, \"tmpfs\", 0) >= 0) escaped();"),
    c("write what was mounted read-only", "if (!mount(0, \"/usr\", 0, MS_REMOUNT | MS_BIND, 0)) escaped();"),
    c("unmount", "if (!umount2(\"/proc\", MNT_DETACH) || !umount2(\"/usr\", MNT_DETACH)) escaped();"),
    c("another root", "if (!chroot(\".\")) escaped();"),
    *(sh(f"settings of the kernel: {path}", f": >> /proc/sys/{path} && echo escaped")
      for path in ("kernel/core_pattern", "kernel/modprobe", "vm/drop_caches", "fs/suid_dumpable")),
    sh("magic keys", ": >> /proc/sysrq-trigger && echo escaped"),
    sh("control groups", "mkdir /sys/fs/cgroup/mark /sys/fs/cgroup/*/mark && echo escaped"),
    sh("the kernel's own folders", ": >> /sys/kernel/uevent_helper && echo escaped"),
    c("device nodes", "mknod(\"disk\", S_IFBLK | 0666, 0xfe00); if (open(\"disk\", O_RDONLY) >= 0) escaped();"
      "mknod(\"mem\", S_IFCHR | 0666, 0x101); if (open(\"mem\", O_RDONLY) >= 0) escaped();"),
    sh("devices of the host", "for one in /dev/vda /dev/sda /dev/mem /dev/kmsg /dev/fuse /dev/kvm /dev/net/tun /dev/loop0"
       "; do head -c1 <\"$one\" >/dev/null && echo escaped; : >> \"$one\" && echo escaped; done"),
    sh("programs with a user of their own", "cp /usr/bin/id mine && chmod 6755 mine; ./mine -u | grep -qx 0 && echo escaped;"
       " for one in su newgrp mount umount chfn; do command -v $one; done | while read -r one; do"
       " timeout 1 \"$one\" --help >/dev/null </dev/null; done;"
       " echo | timeout 1 su -c 'id -u' | grep -qx 0 && echo escaped"),
    c("other users", "if (!setuid(0) || !setgid(0) || !setresuid(0, 0, 0)) escaped();"),
    c("more rights by exec", "if (!prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)) escaped();"),
    c("typing into the terminal", "for (int fd = 0; fd < 3; fd++) if (!ioctl(fd, 0x5412, \"x\")) escaped();"
      "int tty = open(\"/dev/tty\", O_RDWR); if (tty >= 0 && !ioctl(tty, 0x5412, \"x\")) escaped();"),
    c("the clock", "struct timespec t = {1}; if (!clock_settime(CLOCK_REALTIME, &t)) escaped();"),
    c("modules of the kernel", "if (syscall(SYS_init_module, \"\", 0, \"\") >= 0 || errno == ENOEXEC) escaped();"),
    sh("programs of everybody's path", "for f in $(echo \"$PATH\" | tr : ' '); do"
       " : > \"$f\"/pesquared-mark && echo escaped; done; : > /usr/bin/pesquared-mark && echo escaped;"
       " : > /etc/ld.so.preload && echo escaped"),
    sh("left in shared memory", "echo x > /dev/shm/pesquared-mark"),
    sh("left in the temporary folder", "echo x > /tmp/pesquared-mark; echo x > /var/tmp/pesquared-mark"),
    c("shared memory of System V", "shmget(0x5e5e5e, 4096, IPC_CREAT | 0666); msgget(0x5e5e5e, IPC_CREAT | 0666);"),
    sh("scheduled for later", "echo 'touch \"$OUTSIDE/created\"' | at now; echo '* * * * * true' | crontab -"
       " && echo escaped; systemd-run --user true && echo escaped"),
    sh("locks on files of others", 'flock -n "$OUTSIDE/precious" true && echo escaped'),
)  # fmt: skip

ESCAPES: tuple[Hostile, ...] = (*_BY_ROUTE, *_FILES, *_PROCESSES, *_SOCKETS, *_KERNEL)
