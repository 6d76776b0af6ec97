#ifndef SEQ_CICU_H
#define SEQ_CICU_H

/* The parts of ICU (libicu-dev) that text handling needs, behind names without a version suffix.
 *
 * Text is UTF-16 with an explicit length in code units and needs no terminating zero. A function
 * that writes text or positions into memory of the caller returns the number of elements that
 * the whole result has; if that is more than `capacity`, what was written is not meaningful and
 * the caller tries again with more room. A negative result is an error: -1 where ICU was not
 * there at compile time, otherwise the negative of ICU's own error code minus 1.
 */

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Finds word boundaries; used by one thread at a time.
typedef struct seq_icu_breaker seq_icu_breaker;

/// The forms of normalisation that `seq_icu_normalize` knows.
enum { SEQ_ICU_NFC = 0, SEQ_ICU_NFKC = 1 };

/// Whether ICU was there when this was compiled.
int seq_icu_available(void);

/// The name of an error that a function of this header returned.
const char *seq_icu_error_name(int32_t error);

/// Makes a breaker for the words of a language such as "zh"; 0 on success.
int32_t seq_icu_breaker_open(const char *language, seq_icu_breaker **breaker);

/// Makes another breaker like a given one, at a fraction of the cost; 0 on success.
int32_t seq_icu_breaker_copy(const seq_icu_breaker *original, seq_icu_breaker **breaker);

/// Releases a breaker.
void seq_icu_breaker_close(seq_icu_breaker *breaker);

/// Writes the ends of the segments of `text`: words, and whatever stands between words.
int32_t seq_icu_word_ends(
    seq_icu_breaker *breaker, const uint16_t *text, int32_t length, int32_t *ends,
    int32_t capacity);

/// Writes the normalised text; `text` and `result` must not overlap.
int32_t seq_icu_normalize(
    int32_t form, const uint16_t *text, int32_t length, uint16_t *result, int32_t capacity);

/// Writes the text in lower case by the rules of a language.
int32_t seq_icu_lowercase(
    const char *language, const uint16_t *text, int32_t length, uint16_t *result,
    int32_t capacity);

/// The number of a script of Unicode by its name or its code of four letters, such as "Latin"; negative
/// for an unknown one.
int32_t seq_icu_script(const char *name);

/// The number of the script of a character; that of "Common" or "Inherited" for those of many scripts.
int32_t seq_icu_script_of(uint32_t character);

/// Whether a code is that of a language of ISO 639 that is known; every code is without ICU.
int seq_icu_is_language(const char *code);

/// Writes the code of two letters of a language with one of three; the length, or 0 without ICU.
int32_t seq_icu_short_language(const char *code, char *result, int32_t capacity);

#ifdef __cplusplus
}
#endif

#endif
