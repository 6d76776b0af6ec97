#include "CChecksum.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#define SEQ_CRC_INSTRUCTION __attribute__((target("sse4.2")))
#elif defined(__aarch64__)
#include <arm_acle.h>
#if defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#define SEQ_CRC_INSTRUCTION __attribute__((target("+crc")))
#else
#define SEQ_CRC_INSTRUCTION
#endif
#endif

namespace {

/// The reflected polynomial 0x1EDC6F41.
constexpr uint32_t polynomial = 0x82F63B78;

using Table = std::array<uint32_t, 256>;

/// In entry k, what a byte leaves in the register once k zero bytes have followed it.
constexpr std::array<Table, 8> bytes_after_zeros() {
    std::array<Table, 8> tables{};
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t remainder = byte;
        for (int bit = 0; bit < 8; bit++)
            remainder = remainder & 1 ? remainder >> 1 ^ polynomial : remainder >> 1;
        tables[0][byte] = remainder;
    }
    for (int zeros = 1; zeros < 8; zeros++)
        for (uint32_t byte = 0; byte < 256; byte++) {
            uint32_t before = tables[zeros - 1][byte];
            tables[zeros][byte] = tables[0][before & 0xFF] ^ before >> 8;
        }
    return tables;
}

constexpr auto slices = bytes_after_zeros();

uint64_t load(const uint8_t *bytes) {
    uint64_t word;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

uint32_t portable(uint32_t state, const uint8_t *bytes, size_t count) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    for (; count >= 8; bytes += 8, count -= 8) {
        uint64_t word = load(bytes) ^ state;
        state = 0;
        for (int place = 0; place < 8; place++) state ^= slices[7 - place][word >> 8 * place & 0xFF];
    }
#endif
    for (; count > 0; bytes++, count--) state = slices[0][(state ^ *bytes) & 0xFF] ^ state >> 8;
    return state;
}

#if defined(SEQ_CRC_INSTRUCTION)

#if defined(__x86_64__)
bool has_instruction() { return __builtin_cpu_supports("sse4.2"); }
SEQ_CRC_INSTRUCTION inline uint32_t step(uint32_t state, uint64_t word) {
    return uint32_t(_mm_crc32_u64(state, word));
}
SEQ_CRC_INSTRUCTION inline uint32_t step(uint32_t state, uint8_t byte) {
    return _mm_crc32_u8(state, byte);
}
#else
#if defined(__linux__)
bool has_instruction() { return getauxval(AT_HWCAP) & HWCAP_CRC32; }
#else
bool has_instruction() { return true; }
#endif
SEQ_CRC_INSTRUCTION inline uint32_t step(uint32_t state, uint64_t word) {
    return __crc32cd(state, word);
}
SEQ_CRC_INSTRUCTION inline uint32_t step(uint32_t state, uint8_t byte) {
    return __crc32cb(state, byte);
}
#endif

/// The bytes that each of three streams takes at a time: the instruction takes three cycles, but one can
/// start in each.
constexpr size_t stride = 1024;

/// What a register becomes when `stride` zero bytes follow, by each of its bytes; it is linear.
constexpr std::array<Table, 4> registers_after_stride() {
    // Of each bit first: it takes 8 · stride steps.
    std::array<uint32_t, 32> bits{};
    for (int bit = 0; bit < 32; bit++) {
        uint32_t state = uint32_t(1) << bit;
        for (size_t zero = 0; zero < stride; zero++)
            state = slices[0][state & 0xFF] ^ state >> 8;
        bits[bit] = state;
    }
    std::array<Table, 4> tables{};
    for (int place = 0; place < 4; place++)
        for (uint32_t byte = 0; byte < 256; byte++)
            for (int bit = 0; bit < 8; bit++)
                if (byte >> bit & 1) tables[place][byte] ^= bits[8 * place + bit];
    return tables;
}

constexpr auto shifted = registers_after_stride();

uint32_t after_stride(uint32_t state) {
    return shifted[0][state & 0xFF] ^ shifted[1][state >> 8 & 0xFF] ^ shifted[2][state >> 16 & 0xFF]
        ^ shifted[3][state >> 24];
}

SEQ_CRC_INSTRUCTION uint32_t by_instruction(uint32_t state, const uint8_t *bytes, size_t count) {
    for (; count >= 3 * stride; bytes += 3 * stride, count -= 3 * stride) {
        uint32_t second = 0, third = 0;
        for (size_t place = 0; place < stride; place += 8) {
            state = step(state, load(bytes + place));
            second = step(second, load(bytes + stride + place));
            third = step(third, load(bytes + 2 * stride + place));
        }
        state = after_stride(after_stride(state) ^ second) ^ third;
    }
    for (; count >= 8; bytes += 8, count -= 8) state = step(state, load(bytes));
    for (; count > 0; bytes++, count--) state = step(state, *bytes);
    return state;
}

#endif

}  // namespace

extern "C" {

uint32_t seq_crc32c_portable(uint32_t checksum, const void *bytes, size_t count) {
    return ~portable(~checksum, static_cast<const uint8_t *>(bytes), count);
}

uint32_t seq_crc32c(uint32_t checksum, const void *bytes, size_t count) {
#if defined(SEQ_CRC_INSTRUCTION)
    static const bool has = has_instruction();
    if (has) return ~by_instruction(~checksum, static_cast<const uint8_t *>(bytes), count);
#endif
    return seq_crc32c_portable(checksum, bytes, count);
}

}  // extern "C"
