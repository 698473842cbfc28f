// SPDX-License-Identifier: Apache-2.0
// Six kernels for the virtual machine's benchmark, each with another bottleneck: calls, branches on
// data, 32-bit and 64-bit arithmetic, memory, and a switch. Compiled to WebAssembly; every kernel
// returns a checksum, so that engines can be compared.
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

#define EXPORT(name) __attribute__((export_name(#name)))

static u8 memory[1 << 20];

void *memcpy(void *to, const void *from, __SIZE_TYPE__ len);
void *memset(void *to, int value, __SIZE_TYPE__ len);

void *memcpy(void *to, const void *from, __SIZE_TYPE__ len) {
    u8 *out = to;
    const u8 *in = from;
    while (len--) *out++ = *in++;
    return to;
}
void *memset(void *to, int value, __SIZE_TYPE__ len) {
    u8 *out = to;
    while (len--) *out++ = (u8)value;
    return to;
}

__attribute__((noinline)) static u32 fibonacci(u32 n) {
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}
EXPORT(fib) u32 fib(u32 n) { return fibonacci(n); }

static void quicksort(u32 *items, int left, int right) {
    while (left < right) {
        u32 pivot = items[(left + right) >> 1];
        int i = left, j = right;
        while (i <= j) {
            while (items[i] < pivot) i++;
            while (items[j] > pivot) j--;
            if (i > j) break;
            u32 swapped = items[i];
            items[i++] = items[j];
            items[j--] = swapped;
        }
        if (j - left < right - i) {
            quicksort(items, left, j);
            left = i;
        } else {
            quicksort(items, i, right);
            right = j;
        }
    }
}

EXPORT(sort) u32 sort(u32 count) {
    u32 *items = (u32 *)memory, random = 2463534242u, checksum = 0;
    for (u32 i = 0; i < count; i++) {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        items[i] = random;
    }
    quicksort(items, 0, (int)count - 1);
    for (u32 i = 0; i < count; i++) checksum = checksum * 31 + items[i];
    return checksum;
}

// SHA-256's compression function (FIPS 180-4).
static const u32 sha256_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static u32 rotate32(u32 x, int n) { return x >> n | x << (32 - n); }

static void sha256_compress(u32 state[8], const u8 *block) {
    u32 w[64], v[8];
    for (int i = 0; i < 16; i++)
        w[i] = (u32)block[4 * i] << 24 | (u32)block[4 * i + 1] << 16 | (u32)block[4 * i + 2] << 8 |
               block[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        u32 a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (rotate32(a, 7) ^ rotate32(a, 18) ^ a >> 3) + w[i - 7] +
               (rotate32(b, 17) ^ rotate32(b, 19) ^ b >> 10);
    }
    for (int i = 0; i < 8; i++) v[i] = state[i];
    u32 a = v[0], b = v[1], c = v[2], d = v[3], e = v[4], f = v[5], g = v[6], h = v[7];
    for (int i = 0; i < 64; i++) {
        u32 first = h + (rotate32(e, 6) ^ rotate32(e, 11) ^ rotate32(e, 25)) +
                    ((e & f) ^ (~e & g)) + sha256_constants[i] + w[i];
        u32 second =
            (rotate32(a, 2) ^ rotate32(a, 13) ^ rotate32(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + first;
        d = c, c = b, b = a, a = first + second;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
    state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

EXPORT(sha256) u32 sha256(u32 blocks) {
    u32 state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    for (u32 i = 0; i < blocks; i++) sha256_compress(state, memory + (i * 64 & 0xffff));
    return state[0];
}

// BLAKE2b's compression function (RFC 7693).
static const u64 blake2b_iv[8] = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
                                  0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
                                  0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
static const u8 blake2b_order[12][16] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
                                         {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
                                         {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
                                         {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
                                         {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
                                         {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
                                         {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
                                         {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
                                         {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
                                         {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
                                         {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
                                         {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3}};

static u64 rotate64(u64 x, int n) { return x >> n | x << (64 - n); }

#define MIX(a, b, c, d, x, y)         \
    v[a] += v[b] + (x);               \
    v[d] = rotate64(v[d] ^ v[a], 32); \
    v[c] += v[d];                     \
    v[b] = rotate64(v[b] ^ v[c], 24); \
    v[a] += v[b] + (y);               \
    v[d] = rotate64(v[d] ^ v[a], 16); \
    v[c] += v[d];                     \
    v[b] = rotate64(v[b] ^ v[c], 63);

static void blake2b_compress(u64 state[8], const u64 *block, u64 counter) {
    u64 v[16], m[16];
    for (int i = 0; i < 16; i++) m[i] = block[i];
    for (int i = 0; i < 8; i++) v[i] = state[i], v[i + 8] = blake2b_iv[i];
    v[12] ^= counter;
    for (int round = 0; round < 12; round++) {
        const u8 *s = blake2b_order[round];
        MIX(0, 4, 8, 12, m[s[0]], m[s[1]])
        MIX(1, 5, 9, 13, m[s[2]], m[s[3]])
        MIX(2, 6, 10, 14, m[s[4]], m[s[5]])
        MIX(3, 7, 11, 15, m[s[6]], m[s[7]])
        MIX(0, 5, 10, 15, m[s[8]], m[s[9]])
        MIX(1, 6, 11, 12, m[s[10]], m[s[11]])
        MIX(2, 7, 8, 13, m[s[12]], m[s[13]])
        MIX(3, 4, 9, 14, m[s[14]], m[s[15]])
    }
    for (int i = 0; i < 8; i++) state[i] ^= v[i] ^ v[i + 8];
}

EXPORT(blake2b) u32 blake2b(u32 blocks) {
    u64 state[8];
    for (int i = 0; i < 8; i++) state[i] = blake2b_iv[i];
    state[0] ^= 0x01010020;
    for (u32 n = 0; n < blocks; n++)
        blake2b_compress(state, (const u64 *)(memory + (n * 128 & 0xffff)), (u64)(n + 1) * 128);
    return (u32)state[0];
}

EXPORT(sieve) u32 sieve(u32 limit) {
    u32 primes = 0;
    for (u32 i = 0; i < limit; i++) memory[i] = 1;
    for (u32 i = 2; i < limit; i++) {
        if (!memory[i]) continue;
        primes++;
        for (u32 k = 2 * i; k < limit; k += i) memory[k] = 0;
    }
    return primes;
}

// A machine inside the machine: a switch in a loop.
static u8 program[256];

EXPORT(vm) u32 vm(u32 steps) {
    u32 a = 1, b = 2, c = 3, at = 0;
    for (u32 i = 0; i < 256; i++) program[i] = (u8)((i * 7 + 3) % 11);
    for (; steps > 0; steps--, at++) {
        switch (program[at & 255]) {
        case 0:
            a += b;
            break;
        case 1:
            a ^= c;
            break;
        case 2:
            b = a << 3;
            break;
        case 3:
            c += a >> 5;
            break;
        case 4:
            at += a & 1 ? 3 : 0;
            break;
        case 5:
            a *= 2654435761u;
            break;
        case 6:
            b -= c;
            break;
        case 7:
            memory[a & 0xfff] = (u8)b;
            break;
        case 8:
            c ^= memory[b & 0xfff];
            break;
        case 9:
            at += c > a ? 5 : 0;
            break;
        default:
            a = ~a;
        }
    }
    return a ^ b ^ c;
}

EXPORT(nop) u32 nop(u32 n) { return n + 1; }
