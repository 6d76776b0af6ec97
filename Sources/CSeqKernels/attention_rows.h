#pragma once
// The loops over the positions of one query row that all kinds of attention over a ragged memory share
// (attention_rows.cpp).
#include <cstddef>

namespace seq {

/// scores[s] = scale · query·keys[s].
void row_dots(float *scores, const float *query, const float *keys, size_t steps, size_t H,
              float scale);

/// y = Σ_s weights[s] · rows[s].
void row_weighted_sum(float *y, const float *weights, const float *rows, size_t steps,
                      size_t width);

/// rows[s] += weights[s] · x.
void row_outer_add(float *rows, const float *weights, const float *x, size_t steps, size_t width);

/// The softmax of n > 0 numbers, in place.
void row_softmax(float *x, size_t n);

}  // namespace seq
