#include "CharacterMap.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace {

// A reader of the protocol buffer wire format, as far as finding a length-delimited field needs
// it. Field numbers are those of sentencepiece_model.proto.
class Fields {
public:
    explicit Fields(std::string_view bytes) : rest_(bytes) {}

    // Moves to the next field; false at the end and at bytes that are not well formed, which the
    // library itself reports.
    bool next() {
        uint64_t key = 0;
        if (!varint(&key)) return false;
        number = key >> 3;
        content = {};
        uint64_t length = 0;
        switch (key & 7) {
        case 0: return varint(&length);
        case 1: return take(8);
        case 2: return varint(&length) && take(length);
        case 5: return take(4);
        default: return false;
        }
    }

    uint64_t number = 0;
    std::string_view content;

private:
    bool take(uint64_t length) {
        if (length > rest_.size()) return false;
        content = rest_.substr(0, length);
        rest_.remove_prefix(length);
        return true;
    }

    bool varint(uint64_t *value) {
        *value = 0;
        for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
            const auto byte = static_cast<unsigned char>(rest_.front());
            rest_.remove_prefix(1);
            *value |= static_cast<uint64_t>(byte & 0x7F) << shift;
            if (byte < 0x80) return true;
        }
        return false;
    }

    std::string_view rest_;
};

// Models are little-endian on every machine.
uint32_t word(std::string_view bytes, size_t index) {
    uint32_t value = 0;
    for (size_t byte = 0; byte < 4; ++byte) {
        value |= static_cast<uint32_t>(static_cast<unsigned char>(bytes[4 * index + byte]))
            << (8 * byte);
    }
    return value;
}

// The map is the size of a double-array trie in bytes, the trie, and the replacements as
// zero-terminated strings. Following darts-clone, a search at unit i reads the units
// (i ^ offset) ^ byte for any byte, so that the whole block of 256 must exist; a unit with its
// top bit set is a leaf and holds the position of a replacement; a unit that says it has a leaf
// has it at i ^ offset.
std::string map_problem(std::string_view map) {
    if (map.empty()) return "";
    if (map.size() <= 4) return "the normalization rules are cut short";
    const size_t trie_size = word(map, 0);
    if (trie_size >= map.size() - 4 || trie_size < 1024 || trie_size % 4 != 0) {
        return "the normalization rules have a wrong size";
    }
    const std::string_view trie = map.substr(4, trie_size);
    const std::string_view replacements = map.substr(4 + trie_size);
    if (replacements.back() != 0) return "the normalization rules do not end properly";
    const size_t units = trie_size / 4;
    for (size_t index = 0; index < units; ++index) {
        const uint32_t unit = word(trie, index);
        if ((unit >> 31) != 0) {
            if ((unit & 0x7FFFFFFF) >= replacements.size()) {
                return "a normalization rule points outside the rules";
            }
        } else {
            const size_t child = index ^ ((unit >> 10) << ((unit & (1U << 9)) >> 6));
            const bool has_leaf = ((unit >> 8) & 1) != 0;
            if ((child | 0xFF) >= units
                || (has_leaf && (word(trie, child) & 0x7FFFFFFF) >= replacements.size())) {
                return "a normalization rule points outside the rules";
            }
        }
    }
    return "";
}

}  // namespace

std::string seq::character_map_problem(std::string_view model) {
    constexpr uint64_t normalizer_spec = 3, denormalizer_spec = 5, precompiled_charsmap = 2;
    for (Fields fields(model); fields.next();) {
        if (fields.number != normalizer_spec && fields.number != denormalizer_spec) continue;
        for (Fields inner(fields.content); inner.next();) {
            if (inner.number != precompiled_charsmap) continue;
            const std::string problem = map_problem(inner.content);
            if (!problem.empty()) return problem;
        }
    }
    return "";
}
