#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <unistd.h>

// prctl takes variable arguments, which Swift cannot call.

/// Lets nobody but root read the memory of this process: no core dump, no debugger of the same
/// user. Returns 0 on success.
static inline int parksync_process_hide_memory(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

/// The exit status after a file that is mapped into memory was cut short.
enum { PARKSYNC_EXIT_FILE_CUT_SHORT = 70 };

// Constant texts, and calls that are allowed in a signal handler alone (signal-safety(7)).
static inline void parksync_process_end(int number) {
    static const char cut[] =
        "parksyncd: a file of the database was cut short while it was in use (its -shm, most likely): "
        "somebody truncated it, or the disk is bad. "
        "The node ends; started again, it makes the -shm anew. Nothing that was acknowledged is lost.\n";
    static const char fault[] =
        "parksyncd: the node ends by a fault of its own. No backtrace is written: it would show memory. "
        "Please report it.\n";
    if (number == SIGBUS) {
        if (write(STDERR_FILENO, cut, sizeof cut - 1) < 0) _exit(PARKSYNC_EXIT_FILE_CUT_SHORT);
        _exit(PARKSYNC_EXIT_FILE_CUT_SHORT);
    }
    // The handler was for once: sent again, the signal ends the process as if there had been none.
    if (write(STDERR_FILENO, fault, sizeof fault - 1) < 0) _exit(PARKSYNC_EXIT_FILE_CUT_SHORT);
    raise(number);
}

// Once: a handler that sends the signal again ends the process as if there had been none.
static inline int parksync_process_handle_once(const int *numbers, size_t count, void (*handler)(int)) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_RESETHAND | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    int result = 0;
    for (size_t i = 0; i < count; i++) result |= sigaction(numbers[i], &action, NULL);
    return result;
}

/// Has a fault end the process with a constant text. Whatever had been set up to write a backtrace
/// is replaced. Returns 0 on success.
static inline int parksync_process_end_quietly(void) {
    static const int numbers[] = {SIGBUS, SIGSEGV, SIGILL, SIGTRAP, SIGFPE, SIGABRT, SIGQUIT, SIGSYS};
    return parksync_process_handle_once(numbers, sizeof numbers / sizeof *numbers, parksync_process_end);
}

// Hidden from Swift by the header.
extern int pipe2(int ends[2], int flags);

/// Makes a pipe that no program inherits, not even one that another thread starts at this moment.
/// Returns 0 on success.
static inline int parksync_process_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

/// Starts a program that has `in` and `out` as its standard input and output, nowhere to write
/// errors to, no other open file, and all signals as a process has them that nobody has changed
/// anything about. Returns 0, or the number of the error.
static inline int parksync_process_spawn(
    const char *path, char *const *arguments, char *const *environment, int in, int out, pid_t *pid) {
    posix_spawn_file_actions_t files;
    int result = posix_spawn_file_actions_init(&files);
    if (result != 0) return result;
    posix_spawnattr_t attributes;
    result = posix_spawnattr_init(&attributes);
    if (result != 0) {
        posix_spawn_file_actions_destroy(&files);
        return result;
    }
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    if (result == 0) result = posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    if (result == 0) result = posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    if (result == 0) result = posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (result == 0) result = posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    if (result == 0) result = posix_spawnattr_setsigmask(&attributes, &none);
    if (result == 0) result = posix_spawnattr_setsigdefault(&attributes, &all);
    if (result == 0) result = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (result == 0) result = posix_spawn(pid, path, &files, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return result;
}

// Bounds what this process may write to, files excepted. A sanitizer maps terabytes for its own
// use, so that a build with one is not bounded.
static inline int parksync_process_bound(unsigned long long memory_bytes) {
#ifdef PARKSYNC_SANITIZED
    (void)memory_bytes;
    return 0;
#else
    struct rlimit memory = {memory_bytes, memory_bytes};
    return setrlimit(RLIMIT_DATA, &memory);
#endif
}

/// Ends this process when the thread that started it ends, and bounds its memory (what it may write
/// to, files excepted) and its time of a processor. Returns 0 on success, also if the parent is
/// gone already: the caller compares.
static inline int parksync_process_limit(unsigned long long memory_bytes, unsigned long long processor_seconds) {
    struct rlimit time = {processor_seconds, processor_seconds};
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return -1;
    if (parksync_process_bound(memory_bytes) != 0) return -1;
    return setrlimit(RLIMIT_CPU, &time);
}

/// The exit status of a program that examines a file and has not the memory for it.
enum { PARKSYNC_EXIT_EXAMINATION = 2 };

/// What a program that examines a file says last of all: for want of memory, or by a fault of its
/// own.
typedef struct {
    const char *want, *fault;
} parksync_last_words;

// Not a variable of the file: Swift's importer makes none.
static inline parksync_last_words *parksync_process_last_words(void) {
    static parksync_last_words words = {"", ""};
    return &words;
}

// Signal-safe calls alone. Whoever ends the process because an allocation failed does so at once,
// and leaves the number of that error.
static inline void parksync_process_give_up(int number) {
    int is_want = errno == ENOMEM;
    const char *words = is_want ? parksync_process_last_words()->want : parksync_process_last_words()->fault;
    if (write(STDERR_FILENO, words, strlen(words)) < 0 || is_want) _exit(PARKSYNC_EXIT_EXAMINATION);
    // The handler was for once: sent again, the signal ends the process as if there had been none.
    raise(number);
}

/// Bounds the memory of this process (what it may write to, files excepted) before it looks at a
/// file that may be anything. When its own code cannot go on for want of memory it says `want` and
/// ends with PARKSYNC_EXIT_EXAMINATION; at any other fault it says `fault` and ends by the signal.
/// Both texts are kept. Returns 0 on success.
static inline int parksync_process_examine(unsigned long long memory_bytes, const char *want, const char *fault) {
    static const int numbers[] = {SIGSEGV, SIGILL, SIGTRAP, SIGFPE, SIGABRT};
    enum { MAPPED_BYTES_MIN = 256 << 10 };
    *parksync_process_last_words() = (parksync_last_words){want, fault};
    // What was used once and is free goes back to the system.
    mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES_MIN);
    mallopt(M_ARENA_MAX, 1);
    int result = parksync_process_handle_once(numbers, sizeof numbers / sizeof *numbers, parksync_process_give_up);
    return result | parksync_process_bound(memory_bytes);
}
