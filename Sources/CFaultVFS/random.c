// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (SplitMix64).

#include "disk.h"
#include <string.h>

uint64_t fv_next(fv_random *random) {
    uint64_t z = random->state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/// A number from 0 to `bound` - 1; 0 if `bound` is 0.
uint64_t fv_below(fv_random *random, uint64_t bound) {
    return (uint64_t)(((unsigned __int128)fv_next(random) * bound) >> 64);
}

void fv_fill(fv_random *random, void *bytes, size_t count) {
    unsigned char *out = bytes;
    while (count > 0) {
        uint64_t word = fv_next(random);
        size_t part = count < sizeof word ? count : sizeof word;
        memcpy(out, &word, part);
        out += part;
        count -= part;
    }
}
