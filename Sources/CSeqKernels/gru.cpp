// The gated recurrent unit in both its forms: cells of one time step, and the time loops of a layer
// over a ragged batch, forward and backward.
#include "schedule.h"
#include "simd.h"

// Cells write aside what layers write in place, so inputs and outputs may be the same memory.
#define SEQ_IN_PLACE _Pragma("clang loop vectorize(assume_safety)")

namespace {

// MARK: Rows, reset after the product

SEQ_SIMD void forward_row(float *hidden, float *gates, float *kept, const float *share,
                          const float *recurrent, const float *previous, const float *bias,
                          size_t H) {
    SEQ_CONTRACT
    SEQ_IN_PLACE
    for (size_t j = 0; j < H; j++) {
        float r = seq_sigmoidf(share[j] + recurrent[j]);
        float z = seq_sigmoidf(share[H + j] + recurrent[H + j]);
        float q = recurrent[2 * H + j] + bias[j];
        float n = seq_tanhf(share[2 * H + j] + r * q);
        gates[j] = r;
        gates[H + j] = z;
        gates[2 * H + j] = n;
        kept[2 * H + j] = q;
        hidden[j] = n + z * (previous[j] - n);
    }
}

/// gates and kept turn into the gradients of share and recurrent; d_hidden, that of the state after
/// the step, into the part of that of the state before it that does not come through the product.
SEQ_SIMD void backward_row(float *__restrict gates, float *__restrict kept,
                           float *__restrict d_hidden, float *__restrict d_bias,
                           const float *__restrict previous, size_t H) {
    SEQ_CONTRACT
    for (size_t j = 0; j < H; j++) {
        float r = gates[j], z = gates[H + j], n = gates[2 * H + j], q = kept[2 * H + j];
        float d = d_hidden[j];
        float dn = d * (1.0f - z) * (1.0f - n * n);
        float dr = dn * q * r * (1.0f - r);
        float dz = d * (previous[j] - n) * z * (1.0f - z);
        float dq = dn * r;
        gates[j] = dr;
        gates[H + j] = dz;
        gates[2 * H + j] = dn;
        kept[j] = dr;
        kept[H + j] = dz;
        kept[2 * H + j] = dq;
        d_hidden[j] = d * z;
        d_bias[j] += dq;
    }
}

// MARK: Rows, reset before the product

SEQ_SIMD void reset_row(float *reset, float *gates, const float *share, const float *recurrent,
                        const float *previous, size_t H) {
    SEQ_CONTRACT
    SEQ_IN_PLACE
    for (size_t j = 0; j < H; j++) {
        float r = seq_sigmoidf(share[j] + recurrent[j]);
        gates[j] = r;
        gates[H + j] = seq_sigmoidf(share[H + j] + recurrent[H + j]);
        reset[j] = r * previous[j];
    }
}

SEQ_SIMD void update_row(float *hidden, float *gates, const float *share, const float *candidate,
                         const float *previous, size_t H) {
    SEQ_CONTRACT
    SEQ_IN_PLACE
    for (size_t j = 0; j < H; j++) {
        float n = seq_tanhf(share[2 * H + j] + candidate[j]);
        gates[2 * H + j] = n;
        hidden[j] = n + gates[H + j] * (previous[j] - n);
    }
}

SEQ_SIMD void update_backward_row(float *__restrict gates, float *__restrict recurrent,
                                  float *__restrict candidate, float *__restrict d_hidden,
                                  const float *__restrict previous, size_t H) {
    SEQ_CONTRACT
    for (size_t j = 0; j < H; j++) {
        float z = gates[H + j], n = gates[2 * H + j], d = d_hidden[j];
        float dz = d * (previous[j] - n) * z * (1.0f - z);
        float dn = d * (1.0f - z) * (1.0f - n * n);
        gates[H + j] = dz;
        recurrent[H + j] = dz;
        gates[2 * H + j] = dn;
        candidate[j] = dn;
        d_hidden[j] = d * z;
    }
}

SEQ_SIMD void reset_backward_row(float *__restrict gates, float *__restrict recurrent,
                                 float *__restrict d_hidden, const float *__restrict d_reset,
                                 const float *__restrict previous, size_t H) {
    SEQ_CONTRACT
    for (size_t j = 0; j < H; j++) {
        float r = gates[j];
        float dr = d_reset[j] * previous[j] * r * (1.0f - r);
        gates[j] = dr;
        recurrent[j] = dr;
        d_hidden[j] += d_reset[j] * r;
    }
}

/// h·U for step t, or zeros where h is zero.
void multiply(const seq::Shard &shard, int t, const float *input, const seq_packed *weight,
              size_t width, float *to) {
    int rows = shard.rows(t);
    if (shard.has_state(t))
        seq_matmul_packed(input, rows, weight, 0, nullptr, to);
    else
        std::memset(to, 0, size_t(rows) * width * sizeof(float));
}

}  // namespace

extern "C" {

// MARK: Cells

void seq_gru_cell(float *hidden, float *gates, float *kept, const float *share,
                  const float *recurrent, const float *hidden_previous,
                  const float *candidate_bias, size_t rows, size_t H) {
    seq::for_each_row(rows, H, [=](size_t i) {
        forward_row(hidden + i * H, gates + i * 3 * H, kept + i * 3 * H, share + i * 3 * H,
                    recurrent + i * 3 * H, hidden_previous + i * H, candidate_bias, H);
    });
}

void seq_gru_cell_backward(float *gates, float *kept, float *d_hidden, float *d_candidate_bias,
                           const float *hidden_previous, size_t rows, size_t H) {
    seq::for_each_row(rows, H, [=](size_t i) {
        backward_row(gates + i * 3 * H, kept + i * 3 * H, d_hidden + i * H,
                     d_candidate_bias + i * H, hidden_previous + i * H, H);
    });
}

void seq_original_gru_reset(float *reset, float *gates, const float *share, const float *recurrent,
                            const float *hidden_previous, size_t rows, size_t H) {
    seq::for_each_row(rows, H, [=](size_t i) {
        reset_row(reset + i * H, gates + i * 3 * H, share + i * 3 * H, recurrent + i * 2 * H,
                  hidden_previous + i * H, H);
    });
}

void seq_original_gru_update(float *hidden, float *gates, const float *share,
                             const float *candidate, const float *hidden_previous, size_t rows,
                             size_t H) {
    seq::for_each_row(rows, H, [=](size_t i) {
        update_row(hidden + i * H, gates + i * 3 * H, share + i * 3 * H, candidate + i * H,
                   hidden_previous + i * H, H);
    });
}

void seq_original_gru_update_backward(float *gates, float *recurrent, float *candidate,
                                      float *d_hidden, const float *hidden_previous, size_t rows,
                                      size_t H) {
    seq::for_each_row(rows, H, [=](size_t i) {
        update_backward_row(gates + i * 3 * H, recurrent + i * 2 * H, candidate + i * H,
                            d_hidden + i * H, hidden_previous + i * H, H);
    });
}

void seq_original_gru_reset_backward(float *gates, float *recurrent, float *d_hidden,
                                     const float *d_reset, const float *hidden_previous,
                                     size_t rows, size_t H) {
    seq::for_each_row(rows, H, [=](size_t i) {
        reset_backward_row(gates + i * 3 * H, recurrent + i * 2 * H, d_hidden + i * H,
                           d_reset + i * H, hidden_previous + i * H, H);
    });
}

// MARK: Layers

void seq_gru_forward(const seq_recurrent *layers, int count) {
    seq::run_forward(layers, count, [](const seq::Shard &shard, int t) {
        const seq_recurrent &layer = shard.layer;
        size_t H = shard.H;
        multiply(shard, t, shard.hidden_before(t, 0), layer.recurrent_weight, 3 * H,
                 shard.at(layer.recurrent, t, 3 * H));
        for (int i = 0; i < shard.rows(t); i++) {
            float *gates = shard.at(layer.gates, t, 3 * H, i);
            float *recurrent = shard.at(layer.recurrent, t, 3 * H, i);
            forward_row(shard.hidden_after(t, i), gates, recurrent, gates, recurrent,
                        shard.hidden_before(t, i), layer.vector, H);
        }
    });
}

void seq_gru_backward(const seq_recurrent *layers, const seq_recurrent_gradient *gradients,
                      int count) {
    seq::run_backward(layers, gradients, count, [](const seq::BackwardStep &step) {
        const seq::Shard &shard = step.shard;
        const seq_recurrent &layer = shard.layer;
        size_t H = shard.H;
        int t = step.t, rows = shard.rows(t);
        for (int i = 0; i < rows; i++)
            backward_row(shard.at(layer.gates, t, 3 * H, i),
                         shard.at(layer.recurrent, t, 3 * H, i), step.d_hidden + size_t(i) * H,
                         shard.of_sequence(step.gradient.d_vector, i, H),
                         shard.hidden_before(t, i), H);
        if (step.goes_on())
            seq_matmul_packed(shard.at(layer.recurrent, t, 3 * H), rows, layer.recurrent_weight, 1,
                              nullptr, step.d_hidden);
    });
}

void seq_original_gru_forward(const seq_recurrent *layers, int count) {
    seq::run_forward(layers, count, [](const seq::Shard &shard, int t) {
        const seq_recurrent &layer = shard.layer;
        size_t H = shard.H;
        int rows = shard.rows(t);
        multiply(shard, t, shard.hidden_before(t, 0), layer.recurrent_weight, 2 * H,
                 shard.at(layer.recurrent, t, 2 * H));
        for (int i = 0; i < rows; i++) {
            float *gates = shard.at(layer.gates, t, 3 * H, i);
            reset_row(shard.at(layer.reset, t, H, i), gates, gates,
                      shard.at(layer.recurrent, t, 2 * H, i), shard.hidden_before(t, i), H);
        }
        float *candidate = shard.at(layer.candidate, t, H);
        multiply(shard, t, shard.at(layer.reset, t, H), layer.candidate_weight, H, candidate);
        for (int i = 0; i < rows; i++) {
            float *gates = shard.at(layer.gates, t, 3 * H, i);
            update_row(shard.hidden_after(t, i), gates, gates, candidate + size_t(i) * H,
                       shard.hidden_before(t, i), H);
        }
    });
}

void seq_original_gru_backward(const seq_recurrent *layers,
                               const seq_recurrent_gradient *gradients, int count) {
    seq::run_backward(layers, gradients, count, [](const seq::BackwardStep &step) {
        thread_local seq::Scratch scratch;
        const seq::Shard &shard = step.shard;
        const seq_recurrent &layer = shard.layer;
        size_t H = shard.H;
        int t = step.t, rows = shard.rows(t);
        float *candidate = shard.at(layer.candidate, t, H);
        for (int i = 0; i < rows; i++)
            update_backward_row(shard.at(layer.gates, t, 3 * H, i),
                                shard.at(layer.recurrent, t, 2 * H, i), candidate + size_t(i) * H,
                                step.d_hidden + size_t(i) * H, shard.hidden_before(t, i), H);
        float *d_reset = scratch.get<float>(size_t(rows) * H);
        seq_matmul_packed(candidate, rows, layer.candidate_weight, 0, nullptr, d_reset);
        for (int i = 0; i < rows; i++)
            reset_backward_row(shard.at(layer.gates, t, 3 * H, i),
                               shard.at(layer.recurrent, t, 2 * H, i),
                               step.d_hidden + size_t(i) * H, d_reset + size_t(i) * H,
                               shard.hidden_before(t, i), H);
        if (step.goes_on())
            seq_matmul_packed(shard.at(layer.recurrent, t, 2 * H), rows, layer.recurrent_weight, 1,
                              nullptr, step.d_hidden);
    });
}

}  // extern "C"
