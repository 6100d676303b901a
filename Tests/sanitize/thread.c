// Tells ThreadSanitizer of what orders memory inside the Swift libraries, which are built without
// it: mutexes that somebody waits for, and continuations. Preloaded by `run`.
//
// The fast path of Synchronization.Mutex is inlined, and seen. The names are those of Swift's
// mangling of _MutexHandle._lockSlow, _tryLockSlow and _unlockSlow.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define SELF __attribute__((swift_context)) void *self

// Of the sanitizer, in the program: absent in programs that are built without it.
extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));
extern void *swift_task_getCurrent(void) __attribute__((weak, swiftcall));

typedef __attribute__((swiftcall)) void lock_function(uint32_t thread, SELF);
typedef __attribute__((swiftcall)) bool try_function(SELF);
typedef __attribute__((swiftcall)) void unlock_function(SELF);
typedef __attribute__((swiftasynccall)) void await_function(void *context);
typedef __attribute__((swiftcall)) void resume_function(void *task);
typedef __attribute__((swiftcall)) void fail_function(void *task, void *error);

static lock_function *lock_next;
static try_function *try_lock_next;
static unlock_function *unlock_next;
static await_function *await_next;
static resume_function *resume_next, *throwing_resume_next;
static fail_function *fail_next;

static void acquire(void *address) {
    if (__tsan_acquire) __tsan_acquire(address);
}

static void release(void *address) {
    if (__tsan_release) __tsan_release(address);
}

// Found before anything is called: a look-up between what is told and what is done would leave time
// for both to happen in another order.
__attribute__((constructor)) static void begin(void) {
    lock_next = (lock_function *)dlsym(RTLD_NEXT, LOCK);
    try_lock_next = (try_function *)dlsym(RTLD_NEXT, TRY_LOCK);
    unlock_next = (unlock_function *)dlsym(RTLD_NEXT, UNLOCK);
    await_next = (await_function *)dlsym(RTLD_NEXT, "swift_continuation_await");
    resume_next = (resume_function *)dlsym(RTLD_NEXT, "swift_continuation_resume");
    throwing_resume_next = (resume_function *)dlsym(RTLD_NEXT, "swift_continuation_throwingResume");
    fail_next = (fail_function *)dlsym(RTLD_NEXT, "swift_continuation_throwingResumeWithError");
    // Swift's run time tells the sanitizer of tasks, if it was told of the sanitizer. That is by a
    // function which the sanitizer's own empty one hides.
    void *core = dlopen("libswiftCore.so", RTLD_NOLOAD | RTLD_LAZY);
    void (*initialise)(void) = core ? (void (*)(void))dlsym(core, "__tsan_on_initialize") : NULL;
    if (initialise && __tsan_acquire) initialise();
}

__attribute__((swiftcall)) void lock_slow(uint32_t thread, SELF) __asm__(LOCK);
__attribute__((swiftcall)) void lock_slow(uint32_t thread, SELF) {
    lock_next(thread, self);
    acquire(self);
}

__attribute__((swiftcall)) bool try_lock_slow(SELF) __asm__(TRY_LOCK);
__attribute__((swiftcall)) bool try_lock_slow(SELF) {
    bool is_taken = try_lock_next(self);
    if (is_taken) acquire(self);
    return is_taken;
}

__attribute__((swiftcall)) void unlock_slow(SELF) __asm__(UNLOCK);
__attribute__((swiftcall)) void unlock_slow(SELF) {
    release(self);
    unlock_next(self);
}

// A task that waits is told of by the run time. One that finds its continuation resumed goes on.
__attribute__((swiftasynccall)) void swift_continuation_await(void *context) {
    acquire(swift_task_getCurrent());
    __attribute__((musttail)) return await_next(context);
}

__attribute__((swiftcall)) void swift_continuation_resume(void *task) {
    release(task);
    resume_next(task);
}

__attribute__((swiftcall)) void swift_continuation_throwingResume(void *task) {
    release(task);
    throwing_resume_next(task);
}

__attribute__((swiftcall)) void swift_continuation_throwingResumeWithError(void *task, void *error) {
    release(task);
    fail_next(task, error);
}
