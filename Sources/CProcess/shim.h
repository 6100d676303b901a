#include <sys/prctl.h>

// prctl takes variable arguments, which Swift cannot call.

/// Lets nobody but root read the memory of this process: no core dump, no debugger of the same user. Returns 0 on success.
static inline int parksync_process_hide_memory(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
