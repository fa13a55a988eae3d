// Has the clock on the wall of a process go by as many seconds as a file says. All other clocks are the system's.

#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *time) {
    long result = syscall(SYS_clock_gettime, clock, time);
    const char *path = getenv("TEST_CLOCK_FILE");
    FILE *file = result == 0 && clock == CLOCK_REALTIME && path != NULL ? fopen(path, "re") : NULL;
    if (file != NULL) {
        long seconds = 0;
        if (fscanf(file, "%ld", &seconds) == 1) {
            time->tv_sec += seconds;
        }
        fclose(file);
    }
    return (int)result;
}
