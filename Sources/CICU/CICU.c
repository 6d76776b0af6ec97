#include "CICU.h"

#include <stddef.h>

#if __has_include(<unicode/ubrk.h>)

#include <unicode/ubrk.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/uloc.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>

struct seq_icu_breaker;

static UBreakIterator *iterator(const seq_icu_breaker *breaker) {
    return (UBreakIterator *)(uintptr_t)breaker;
}

static int32_t failure(UErrorCode status) { return -(int32_t)status - 1; }

int seq_icu_available(void) { return 1; }

const char *seq_icu_error_name(int32_t error) { return u_errorName((UErrorCode)(-error - 1)); }

int32_t seq_icu_breaker_open(const char *language, seq_icu_breaker **breaker) {
    UErrorCode status = U_ZERO_ERROR;
    *breaker = (seq_icu_breaker *)ubrk_open(UBRK_WORD, language, NULL, 0, &status);
    return U_FAILURE(status) ? failure(status) : 0;
}

int32_t seq_icu_breaker_copy(const seq_icu_breaker *original, seq_icu_breaker **breaker) {
    UErrorCode status = U_ZERO_ERROR;
    // ubrk_clone came with ICU 69; with no buffer of its own the older call does the same.
#if U_ICU_VERSION_MAJOR_NUM >= 69
    *breaker = (seq_icu_breaker *)ubrk_clone(iterator(original), &status);
#else
    int32_t size = 1;
    *breaker = (seq_icu_breaker *)ubrk_safeClone(iterator(original), NULL, &size, &status);
#endif
    return U_FAILURE(status) ? failure(status) : 0;
}

void seq_icu_breaker_close(seq_icu_breaker *breaker) {
    if (breaker != NULL) ubrk_close(iterator(breaker));
}

int32_t seq_icu_word_ends(
    seq_icu_breaker *breaker, const uint16_t *text, int32_t length, int32_t *ends,
    int32_t capacity
) {
    UErrorCode status = U_ZERO_ERROR;
    ubrk_setText(iterator(breaker), (const UChar *)text, length, &status);
    if (U_FAILURE(status)) return failure(status);
    int32_t count = 0;
    ubrk_first(iterator(breaker));
    for (int32_t end = ubrk_next(iterator(breaker)); end != UBRK_DONE;
         end = ubrk_next(iterator(breaker))) {
        if (count < capacity) ends[count] = end;
        ++count;
    }
    return count;
}

int32_t seq_icu_normalize(
    int32_t form, const uint16_t *text, int32_t length, uint16_t *result, int32_t capacity
) {
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *normalizer =
        form == SEQ_ICU_NFKC ? unorm2_getNFKCInstance(&status) : unorm2_getNFCInstance(&status);
    if (U_FAILURE(status)) return failure(status);
    const int32_t count = unorm2_normalize(
        normalizer, (const UChar *)text, length, (UChar *)result, capacity, &status);
    return U_FAILURE(status) && status != U_BUFFER_OVERFLOW_ERROR ? failure(status) : count;
}

int32_t seq_icu_lowercase(
    const char *language, const uint16_t *text, int32_t length, uint16_t *result, int32_t capacity
) {
    UErrorCode status = U_ZERO_ERROR;
    const int32_t count = u_strToLower(
        (UChar *)result, capacity, (const UChar *)text, length, language, &status);
    return U_FAILURE(status) && status != U_BUFFER_OVERFLOW_ERROR ? failure(status) : count;
}

int32_t seq_icu_script(const char *name) {
    return u_getPropertyValueEnum(UCHAR_SCRIPT, name);
}

int32_t seq_icu_script_of(uint32_t character) {
    UErrorCode status = U_ZERO_ERROR;
    return (int32_t)uscript_getScript((UChar32)character, &status);
}

int seq_icu_is_language(const char *code) {
    for (const char *const *known = uloc_getISOLanguages(); *known != NULL; ++known) {
        if (strcmp(*known, code) == 0) return 1;
    }
    return 0;
}

int32_t seq_icu_short_language(const char *code, char *result, int32_t capacity) {
    UErrorCode status = U_ZERO_ERROR;
    const int32_t length = uloc_getLanguage(code, result, capacity, &status);
    return U_FAILURE(status) ? 0 : length;
}

#else

int seq_icu_available(void) { return 0; }

const char *seq_icu_error_name(int32_t error) {
    (void)error;
    return "built without ICU";
}

int32_t seq_icu_breaker_open(const char *language, seq_icu_breaker **breaker) {
    (void)language;
    *breaker = NULL;
    return -1;
}

int32_t seq_icu_breaker_copy(const seq_icu_breaker *original, seq_icu_breaker **breaker) {
    (void)original;
    *breaker = NULL;
    return -1;
}

void seq_icu_breaker_close(seq_icu_breaker *breaker) { (void)breaker; }

int32_t seq_icu_word_ends(
    seq_icu_breaker *breaker, const uint16_t *text, int32_t length, int32_t *ends,
    int32_t capacity
) {
    (void)breaker, (void)text, (void)length, (void)ends, (void)capacity;
    return -1;
}

int32_t seq_icu_normalize(
    int32_t form, const uint16_t *text, int32_t length, uint16_t *result, int32_t capacity
) {
    (void)form, (void)text, (void)length, (void)result, (void)capacity;
    return -1;
}

int32_t seq_icu_lowercase(
    const char *language, const uint16_t *text, int32_t length, uint16_t *result, int32_t capacity
) {
    (void)language, (void)text, (void)length, (void)result, (void)capacity;
    return -1;
}

int32_t seq_icu_script(const char *name) {
    (void)name;
    return -1;
}

int32_t seq_icu_script_of(uint32_t character) {
    (void)character;
    return -1;
}

int seq_icu_is_language(const char *code) {
    (void)code;
    return 1;
}

int32_t seq_icu_short_language(const char *code, char *result, int32_t capacity) {
    (void)code, (void)result, (void)capacity;
    return 0;
}

#endif
