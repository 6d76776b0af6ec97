#ifndef SEQ_CSENTENCEPIECE_H
#define SEQ_CSENTENCEPIECE_H

/* SentencePiece (libsentencepiece-dev) behind a plain C interface.
 *
 * Text is UTF-8 with an explicit length and needs no terminating zero. A function that can fail
 * returns NULL on success and otherwise a message, to be released with `seq_spm_free`; so is
 * every block of memory that a function hands out. No C++ exception leaves this interface, and
 * the library's own logging is silenced. A loaded processor may be used from several threads.
 */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A loaded model.
typedef struct seq_spm_processor seq_spm_processor;

/// What to train.
typedef struct {
    /// "unigram", "bpe", "char" or "word".
    const char *model_type;
    /// "identity", "nfkc", "nmt_nfkc", "nfkc_cf" or "nmt_nfkc_cf": stored in the model and
    /// applied again by whoever encodes with it.
    const char *normalization;
    /// The number of pieces, the three special ones included.
    int32_t vocabulary_size;
    /// The share of the characters of the text that must be representable, 0.98 to 1.
    double character_coverage;
    /// The seed of the sampling of sentences.
    uint32_t seed;
    /// The number of threads. Sums are taken per thread, so another number of threads may give
    /// another model; the same number gives the same bytes.
    int32_t threads;
    /// The number of sentences drawn for training where there are more; 0 for all.
    uint64_t sentence_limit;
    /// Symbols that always form one piece.
    const char *const *user_symbols;
    size_t user_symbol_count;
} seq_spm_options;

/// Pieces one after the other; piece i is `text[ends[i - 1] ..< ends[i]]`.
typedef struct {
    char *text;
    size_t *ends;
    size_t count;
} seq_spm_pieces;

/// Whether the library was there when this was compiled; if not, every call returns an error.
int seq_spm_available(void);

/// Trains on `count` sentences, sentence i being `text[ends[i - 1] ..< ends[i]]`.
/// Ids are unk = 0, bos = 1, eos = 2. Writes the serialised model to `model`.
/// If the corpus cannot fill the vocabulary, `largest_size` becomes the largest size that it can
/// fill; if its characters do not fit in, `smallest_size` becomes the size that they need;
/// otherwise both are 0.
char *seq_spm_train(
    const char *text, const size_t *ends, size_t count, const seq_spm_options *options,
    char **model, size_t *model_length, int32_t *largest_size,
    int32_t *smallest_size);

/// Loads a serialised model.
char *seq_spm_load(const char *model, size_t length, seq_spm_processor **processor);

/// Releases a model.
void seq_spm_close(seq_spm_processor *processor);

/// Releases memory that a function of this header returned.
void seq_spm_free(void *memory);

/// Writes the ids of the pieces of `text`.
char *seq_spm_encode_ids(
    const seq_spm_processor *processor, const char *text, size_t length, int32_t **ids,
    size_t *count);

/// Writes the pieces of `text`; release `pieces->text` and `pieces->ends`.
char *seq_spm_encode_pieces(
    const seq_spm_processor *processor, const char *text, size_t length, seq_spm_pieces *pieces);

/// Writes the text of a sequence of ids; each id must be in the vocabulary.
char *seq_spm_decode_ids(
    const seq_spm_processor *processor, const int32_t *ids, size_t count, char **text,
    size_t *length);

/// Writes the text of a sequence of pieces, laid out as in `seq_spm_pieces`.
char *seq_spm_decode_pieces(
    const seq_spm_processor *processor, const char *pieces, const size_t *ends, size_t count,
    char **text, size_t *length);

/// The number of pieces.
int32_t seq_spm_size(const seq_spm_processor *processor);

/// The piece with an id, owned by the processor; NULL outside the vocabulary.
const char *seq_spm_piece(const seq_spm_processor *processor, int32_t id, size_t *length);

/// The id of a piece; the id of the unknown piece if it is not in the vocabulary.
int32_t seq_spm_id(const seq_spm_processor *processor, const char *piece, size_t length);

/// The ids of the special pieces; -1 where the model has none.
int32_t seq_spm_unknown_id(const seq_spm_processor *processor);
int32_t seq_spm_start_id(const seq_spm_processor *processor);
int32_t seq_spm_end_id(const seq_spm_processor *processor);

#ifdef __cplusplus
}
#endif

#endif
