#include "CSentencePiece.h"

#include "CharacterMap.hpp"

#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace {

// Null only when memory is exhausted, which a caller would mistake for success; there is nothing
// left to report with.
char *duplicate(std::string_view text) {
    char *copy = static_cast<char *>(std::malloc(text.size() + 1));
    if (copy == nullptr) std::abort();
    std::memcpy(copy, text.data(), text.size());
    copy[text.size()] = 0;
    return copy;
}

template <typename Element>
Element *copied(const std::vector<Element> &elements) {
    // At least one byte: a null block stands for failure.
    void *block = std::malloc(elements.empty() ? 1 : elements.size() * sizeof(Element));
    if (block == nullptr) throw std::bad_alloc();
    if (!elements.empty()) std::memcpy(block, elements.data(), elements.size() * sizeof(Element));
    return static_cast<Element *>(block);
}

// Runs `body`, which returns an empty string on success, and turns whatever it throws into a
// message.
template <typename Body>
char *guarded(Body body) noexcept {
    try {
        const std::string message = body();
        return message.empty() ? nullptr : duplicate(message);
    } catch (const std::exception &error) {
        return duplicate(error.what());
    } catch (...) {
        return duplicate("unknown C++ exception");
    }
}

}  // namespace

extern "C" void seq_spm_free(void *memory) { std::free(memory); }

#if __has_include(<sentencepiece_processor.h>) && __has_include(<sentencepiece_trainer.h>)

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

struct seq_spm_processor {
    sentencepiece::SentencePieceProcessor processor;
};

namespace {

// A BPE position is packed into 16 bits per end, and a longer sentence stops the process; and
// sentences beyond `max_sentence_length` are left out silently. So long lines are cut here.
constexpr size_t kLongestSentence = 4096;

class Sentences : public sentencepiece::SentenceIterator {
public:
    Sentences(const char *text, const size_t *ends, size_t count)
        : text_(text), ends_(ends), count_(count) {
        Next();
    }

    bool done() const override { return done_; }
    const std::string &value() const override { return value_; }
    sentencepiece::util::Status status() const override { return sentencepiece::util::Status(); }

    void Next() override {
        while (index_ < count_ && position_ == ends_[index_]) ++index_;
        if (index_ == count_) {
            done_ = true;
            return;
        }
        const size_t end = cut(position_, ends_[index_]);
        value_.assign(text_ + position_, end - position_);
        position_ = end;
    }

private:
    // After the last space that fits, else between two characters.
    size_t cut(size_t begin, size_t end) const {
        if (end - begin <= kLongestSentence) return end;
        size_t boundary = begin + kLongestSentence;
        while ((static_cast<unsigned char>(text_[boundary]) & 0xC0) == 0x80) --boundary;
        for (size_t space = boundary; space > begin + kLongestSentence / 2; --space) {
            if (text_[space - 1] == ' ') return space;
        }
        return boundary;
    }

    const char *text_;
    const size_t *ends_;
    size_t count_;
    size_t index_ = 0;
    size_t position_ = 0;
    bool done_ = false;
    std::string value_;
};

// The trainer takes lists as one line of comma-separated values.
std::string quoted(std::string_view symbol) {
    std::string field = "\"";
    for (const char character : symbol) {
        if (character == '"') field += '"';
        field += character;
    }
    return field + "\"";
}

// The number after `mark` in a complaint about the size of the vocabulary, else 0:
// "Vocabulary size too high (400). Please set it to a value <= 57."
// "Vocabulary size is smaller than required_chars. 8 vs 304. Increase vocab_size ..."
int32_t stated_size(const std::string &message, const char *mark) {
    const size_t complaint = message.find("Vocabulary size");
    if (complaint == std::string::npos) return 0;
    const size_t position = message.find(mark, complaint);
    return position == std::string::npos
        ? 0 : std::atoi(message.c_str() + position + std::strlen(mark));
}

std::unordered_map<std::string, std::string> training_arguments(const seq_spm_options &options) {
    std::unordered_map<std::string, std::string> arguments = {
        {"model_type", options.model_type},
        {"normalization_rule_name", options.normalization},
        {"vocab_size", std::to_string(options.vocabulary_size)},
        {"character_coverage", std::to_string(options.character_coverage)},
        {"num_threads", std::to_string(options.threads)},
        {"input_sentence_size", std::to_string(options.sentence_limit)},
        {"shuffle_input_sentence", options.sentence_limit > 0 ? "true" : "false"},
        {"max_sentence_length", std::to_string(kLongestSentence)},
        {"unk_id", "0"},
        {"bos_id", "1"},
        {"eos_id", "2"},
        {"pad_id", "-1"},
        // Keeps the library's notes off stderr.
        {"minloglevel", "3"},
    };
    std::string symbols;
    for (size_t index = 0; index < options.user_symbol_count; ++index) {
        if (index > 0) symbols += ',';
        symbols += quoted(options.user_symbols[index]);
    }
    if (!symbols.empty()) arguments["user_defined_symbols"] = symbols;
    return arguments;
}

std::string described(const sentencepiece::util::Status &status) {
    const std::string message = status.ToString();
    return message.empty() ? "unknown error" : message;
}

// Why a training could not begin, or an empty string. The unigram trainer stops the process where
// the rules and the reserved symbols leave no text; the character trainer only counts, and one
// short look nearly always settles it.
std::string text_problem(
    std::unordered_map<std::string, std::string> arguments, size_t reserved, const char *text,
    const size_t *ends, size_t count
) {
    const int size = static_cast<int>(reserved) + 1;
    arguments["model_type"] = "char";
    arguments["vocab_size"] = std::to_string(size);
    for (size_t examined = 16;; examined = count) {
        examined = examined < count ? examined : count;
        Sentences sentences(text, ends, examined);
        std::string serialized;
        const auto status =
            sentencepiece::SentencePieceTrainer::Train(arguments, &sentences, &serialized);
        if (status.ok()) {
            sentencepiece::SentencePieceProcessor characters;
            const auto loaded = characters.LoadFromSerializedProto(serialized);
            if (!loaded.ok()) return described(loaded);
            if (characters.GetPieceSize() == size) return "";
        } else if (described(status).find("sentences_.empty()") == std::string::npos) {
            return described(status);
        }
        if (examined == count) return "the corpus has no text";
    }
}

}  // namespace

extern "C" {

int seq_spm_available(void) { return 1; }

char *seq_spm_train(
    const char *text, const size_t *ends, size_t count, const seq_spm_options *options,
    char **model, size_t *model_length, int32_t *largest_size, int32_t *smallest_size
) {
    *model = nullptr;
    *model_length = 0;
    *largest_size = 0;
    *smallest_size = 0;
    return guarded([&]() -> std::string {
        // The library keeps its seed and its logging level in globals.
        static std::mutex training;
        const std::lock_guard<std::mutex> lock(training);
        auto arguments = training_arguments(*options);
        sentencepiece::SetRandomGeneratorSeed(options->seed);
        const size_t reserved = 3 + options->user_symbol_count;
        const std::string problem = text_problem(arguments, reserved, text, ends, count);
        if (!problem.empty()) return problem;
        Sentences sentences(text, ends, count);
        std::string serialized;
        const auto status =
            sentencepiece::SentencePieceTrainer::Train(arguments, &sentences, &serialized);
        if (!status.ok()) {
            const std::string message = described(status);
            *largest_size = stated_size(message, "<= ");
            *smallest_size = stated_size(message, " vs ");
            return message;
        }
        *model = copied(std::vector<char>(serialized.begin(), serialized.end()));
        *model_length = serialized.size();
        return "";
    });
}

char *seq_spm_load(const char *model, size_t length, seq_spm_processor **processor) {
    *processor = nullptr;
    return guarded([&]() -> std::string {
        const std::string problem = seq::character_map_problem({model, length});
        if (!problem.empty()) return problem;
        auto loaded = std::make_unique<seq_spm_processor>();
        const auto status = loaded->processor.LoadFromSerializedProto({model, length});
        if (!status.ok()) return described(status);
        if (loaded->processor.GetPieceSize() <= 0) return "the model has no pieces";
        *processor = loaded.release();
        return "";
    });
}

void seq_spm_close(seq_spm_processor *processor) { delete processor; }

char *seq_spm_encode_ids(
    const seq_spm_processor *processor, const char *text, size_t length, int32_t **ids,
    size_t *count
) {
    *ids = nullptr;
    *count = 0;
    return guarded([&]() -> std::string {
        std::vector<int> encoded;
        const auto status = processor->processor.Encode({text, length}, &encoded);
        if (!status.ok()) return described(status);
        *ids = copied(encoded);
        *count = encoded.size();
        return "";
    });
}

char *seq_spm_encode_pieces(
    const seq_spm_processor *processor, const char *text, size_t length, seq_spm_pieces *pieces
) {
    *pieces = {nullptr, nullptr, 0};
    return guarded([&]() -> std::string {
        std::vector<std::string> encoded;
        const auto status = processor->processor.Encode({text, length}, &encoded);
        if (!status.ok()) return described(status);
        std::string joined;
        std::vector<size_t> ends;
        ends.reserve(encoded.size());
        for (const std::string &piece : encoded) {
            joined += piece;
            ends.push_back(joined.size());
        }
        std::unique_ptr<size_t, decltype(&std::free)> held(copied(ends), &std::free);
        pieces->text = duplicate(joined);
        pieces->ends = held.release();
        pieces->count = ends.size();
        return "";
    });
}

char *seq_spm_decode_ids(
    const seq_spm_processor *processor, const int32_t *ids, size_t count, char **text,
    size_t *length
) {
    *text = nullptr;
    *length = 0;
    return guarded([&]() -> std::string {
        const int size = processor->processor.GetPieceSize();
        for (size_t index = 0; index < count; ++index) {
            if (ids[index] < 0 || ids[index] >= size) {
                return "id " + std::to_string(ids[index]) + " is outside the vocabulary of "
                    + std::to_string(size);
            }
        }
        std::string decoded;
        const auto status =
            processor->processor.Decode(std::vector<int>(ids, ids + count), &decoded);
        if (!status.ok()) return described(status);
        *text = duplicate(decoded);
        *length = decoded.size();
        return "";
    });
}

char *seq_spm_decode_pieces(
    const seq_spm_processor *processor, const char *pieces, const size_t *ends, size_t count,
    char **text, size_t *length
) {
    *text = nullptr;
    *length = 0;
    return guarded([&]() -> std::string {
        std::vector<std::string> sequence;
        sequence.reserve(count);
        size_t begin = 0;
        for (size_t index = 0; index < count; ++index) {
            sequence.emplace_back(pieces + begin, ends[index] - begin);
            begin = ends[index];
        }
        std::string decoded;
        const auto status = processor->processor.Decode(sequence, &decoded);
        if (!status.ok()) return described(status);
        *text = duplicate(decoded);
        *length = decoded.size();
        return "";
    });
}

int32_t seq_spm_size(const seq_spm_processor *processor) {
    return processor->processor.GetPieceSize();
}

const char *seq_spm_piece(const seq_spm_processor *processor, int32_t id, size_t *length) {
    *length = 0;
    if (id < 0 || id >= processor->processor.GetPieceSize()) return nullptr;
    const std::string &piece = processor->processor.IdToPiece(id);
    *length = piece.size();
    return piece.data();
}

int32_t seq_spm_id(const seq_spm_processor *processor, const char *piece, size_t length) {
    return processor->processor.PieceToId({piece, length});
}

int32_t seq_spm_unknown_id(const seq_spm_processor *processor) {
    return processor->processor.unk_id();
}

int32_t seq_spm_start_id(const seq_spm_processor *processor) {
    return processor->processor.bos_id();
}

int32_t seq_spm_end_id(const seq_spm_processor *processor) {
    return processor->processor.eos_id();
}

}  // extern "C"

#else

namespace {

char *missing() { return duplicate("built without libsentencepiece"); }

}  // namespace

extern "C" {

int seq_spm_available(void) { return 0; }

char *seq_spm_train(
    const char *, const size_t *, size_t, const seq_spm_options *, char **model,
    size_t *model_length, int32_t *largest_size, int32_t *smallest_size
) {
    *model = nullptr;
    *model_length = 0;
    *largest_size = 0;
    *smallest_size = 0;
    return missing();
}

char *seq_spm_load(const char *, size_t, seq_spm_processor **processor) {
    *processor = nullptr;
    return missing();
}

void seq_spm_close(seq_spm_processor *) {}

char *seq_spm_encode_ids(
    const seq_spm_processor *, const char *, size_t, int32_t **ids, size_t *count
) {
    *ids = nullptr;
    *count = 0;
    return missing();
}

char *seq_spm_encode_pieces(
    const seq_spm_processor *, const char *, size_t, seq_spm_pieces *pieces
) {
    *pieces = {nullptr, nullptr, 0};
    return missing();
}

char *seq_spm_decode_ids(
    const seq_spm_processor *, const int32_t *, size_t, char **text, size_t *length
) {
    *text = nullptr;
    *length = 0;
    return missing();
}

char *seq_spm_decode_pieces(
    const seq_spm_processor *, const char *, const size_t *, size_t, char **text, size_t *length
) {
    *text = nullptr;
    *length = 0;
    return missing();
}

int32_t seq_spm_size(const seq_spm_processor *) { return 0; }

const char *seq_spm_piece(const seq_spm_processor *, int32_t, size_t *length) {
    *length = 0;
    return nullptr;
}

int32_t seq_spm_id(const seq_spm_processor *, const char *, size_t) { return -1; }
int32_t seq_spm_unknown_id(const seq_spm_processor *) { return -1; }
int32_t seq_spm_start_id(const seq_spm_processor *) { return -1; }
int32_t seq_spm_end_id(const seq_spm_processor *) { return -1; }

}  // extern "C"

#endif
