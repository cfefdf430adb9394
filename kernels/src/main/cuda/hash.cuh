// row_id_of: the row id of an int that is hashed into the rows of a table, as Spark's
// pmod(xxhash64(value), rows) has it. XXH64, by Yann Collet, of four bytes, with Spark's seed.
#pragma once

__device__ __forceinline__ int row_id_of(int value, int rows) {
    constexpr unsigned long long kPrime1 = 0x9E3779B185EBCA87ull;
    constexpr unsigned long long kPrime2 = 0xC2B2AE3D27D4EB4Full;
    constexpr unsigned long long kPrime3 = 0x165667B19E3779F9ull;
    constexpr unsigned long long kPrime5 = 0x27D4EB2F165667C5ull;
    constexpr unsigned long long kSeed = 42;
    unsigned long long hash = (kSeed + kPrime5 + 4) ^ static_cast<unsigned>(value) * kPrime1;
    hash = (hash << 23 | hash >> 41) * kPrime2 + kPrime3;
    hash = (hash ^ hash >> 33) * kPrime2;
    hash = (hash ^ hash >> 29) * kPrime3;
    // The remainder of the signed hash, and not below zero.
    const auto remainder = static_cast<int>(static_cast<long long>(hash ^ hash >> 32) % rows);
    return remainder < 0 ? remainder + rows : remainder;
}
