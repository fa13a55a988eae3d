/* A disk that takes its time, for whatever calls the C library: see disk.rs. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <time.h>

static int later(const char *name, int file) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    int result = real(file);
    int error = errno;
    struct timespec left = {0, SLOW_NS};
    while (nanosleep(&left, &left) != 0) {
    }
    errno = error;
    return result;
}

int fsync(int file) { return later("fsync", file); }
int fdatasync(int file) { return later("fdatasync", file); }
