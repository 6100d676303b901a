#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

// prctl takes variable arguments, which Swift cannot call.

/// Lets nobody but root read the memory of this process: no core dump, no debugger of the same user. Returns 0 on success.
static inline int parksync_process_hide_memory(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

/// The exit status after a file that is mapped into memory was cut short.
enum { PARKSYNC_EXIT_FILE_CUT_SHORT = 70 };

// Constant texts, and calls that are allowed in a signal handler alone (signal-safety(7)).
static inline void parksync_process_end(int number) {
    static const char cut[] =
        "parksyncd: a file of the database was cut short while it was in use (its -shm, most likely): somebody truncated it, or the disk is bad. "
        "The node ends; started again, it makes the -shm anew. Nothing that was acknowledged is lost.\n";
    static const char fault[] = "parksyncd: the node ends by a fault of its own. No backtrace is written: it would show memory. Please report it.\n";
    if (number == SIGBUS) {
        if (write(STDERR_FILENO, cut, sizeof cut - 1) < 0) _exit(PARKSYNC_EXIT_FILE_CUT_SHORT);
        _exit(PARKSYNC_EXIT_FILE_CUT_SHORT);
    }
    // The handler was for once: sent again, the signal ends the process as if there had been none.
    if (write(STDERR_FILENO, fault, sizeof fault - 1) < 0) _exit(PARKSYNC_EXIT_FILE_CUT_SHORT);
    raise(number);
}

/// Has a fault end the process with a constant text. Whatever had been set up to write a backtrace is replaced. Returns 0 on success.
static inline int parksync_process_end_quietly(void) {
    static const int numbers[] = {SIGBUS, SIGSEGV, SIGILL, SIGTRAP, SIGFPE, SIGABRT, SIGQUIT, SIGSYS};
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = parksync_process_end;
    action.sa_flags = SA_RESETHAND | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    int result = 0;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) result |= sigaction(numbers[i], &action, NULL);
    return result;
}
