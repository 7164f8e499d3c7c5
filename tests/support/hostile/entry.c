
/* In a child of its own: however it ends, that it was tried is said. */
int main(int argc, char **argv)
{
    for (const struct program *one = programs; one->name; one++)
        if (argc > 1 && !strcmp(one->name, argv[1])) {
            pid_t child = fork();
            if (child == 0) {
                one->run();
                _exit(0);
            }
            int status;
            while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {}
            (void)!write(1, "\ntried\n", 7);
            return 0;
        }
    return 3;
}
