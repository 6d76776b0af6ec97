// The LSTM cell and the time loop of an LSTM layer over a ragged batch, forward and backward.
#include "scratch.h"
#include "simd.h"
#include "team.h"
#include <cstring>

namespace {

/// One row: gates holds i,f,g,o before activation, and their activations afterwards.
SEQ_SIMD void cell_forward(float *__restrict hidden, float *__restrict cell,
                           float *__restrict gates, const float *__restrict cell_previous,
                           size_t H) {
    SEQ_CONTRACT
    float *gi = gates, *gf = gates + H, *gg = gates + 2 * H, *go = gates + 3 * H;
    for (size_t j = 0; j < H; j++) {
        float i = seq_sigmoidf(gi[j]), f = seq_sigmoidf(gf[j]);
        float g = seq_tanhf(gg[j]), o = seq_sigmoidf(go[j]);
        float c = f * cell_previous[j] + i * g;
        gi[j] = i;
        gf[j] = f;
        gg[j] = g;
        go[j] = o;
        cell[j] = c;
        hidden[j] = o * seq_tanhf(c);
    }
}

/// One row: gates holds activations on entry and the gradient of the pre-activations on return;
/// d_cell is the gradient of the cell from the next step and returns that for the previous one.
SEQ_SIMD void cell_backward(float *__restrict gates, float *__restrict d_cell,
                            const float *__restrict d_hidden, const float *__restrict cell,
                            const float *__restrict cell_previous, size_t H) {
    SEQ_CONTRACT
    float *gi = gates, *gf = gates + H, *gg = gates + 2 * H, *go = gates + 3 * H;
    for (size_t j = 0; j < H; j++) {
        float i = gi[j], f = gf[j], g = gg[j], o = go[j];
        float t = seq_tanhf(cell[j]);
        float dh = d_hidden[j];
        float dc = d_cell[j] + dh * o * (1.0f - t * t);
        gi[j] = dc * g * i * (1.0f - i);
        gf[j] = dc * cell_previous[j] * f * (1.0f - f);
        gg[j] = dc * i * (1.0f - g * g);
        go[j] = dh * t * o * (1.0f - o);
        d_cell[j] = dc * f;
    }
}

SEQ_SIMD void add_to(float *__restrict y, const float *__restrict x, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] += x[i];
}

/// A shard's rows of time step t.
struct Steps {
    const int32_t *start;
    int count;
    int first(int t) const { return start[t]; }
    int rows(int t) const { return t < count ? start[t + 1] - start[t] : 0; }
};

Steps steps_of(const seq_schedule &s, int shard) {
    int first = s.shard_first_step[shard];
    return {s.step_start + first, s.shard_first_step[shard + 1] - first - 1};
}

void forward_shard(const seq_lstm &layer, int shard, const seq_packed *recurrent, float *output,
                   size_t stride, float *final_hidden, float *final_cell) {
    thread_local seq::Scratch zeros, hidden_row;
    const seq_schedule &s = layer.schedule;
    size_t H = size_t(layer.H);
    Steps steps = steps_of(s, shard);
    const int32_t *sequence = s.sequence + s.shard_first_sequence[shard];
    float *zero = zeros.get<float>(H);
    std::memset(zero, 0, H * sizeof(float));
    float *h = hidden_row.get<float>(H);
    if (steps.count == 0) return;
    float *first_hidden = layer.hidden_previous + size_t(steps.first(0)) * H;
    for (int i = 0; i < steps.rows(0); i++)
        std::memcpy(first_hidden + size_t(i) * H,
                    layer.initial_hidden ? layer.initial_hidden + size_t(sequence[i]) * H : zero,
                    H * sizeof(float));
    for (int t = 0; t < steps.count; t++) {
        int start = steps.first(t), rows = steps.rows(t), next = steps.rows(t + 1);
        float *gates = layer.gates + size_t(start) * 4 * H;
        if (t > 0 || layer.initial_hidden)
            seq_matmul_packed(layer.hidden_previous + size_t(start) * H, rows, recurrent, 1, nullptr,
                              gates);
        for (int i = 0; i < rows; i++) {
            size_t row = size_t(start + i);
            const float *before =
                t > 0 ? layer.cell + size_t(steps.first(t - 1) + i) * H
                      : (layer.initial_cell ? layer.initial_cell + size_t(sequence[i]) * H : zero);
            float *cell = layer.cell + row * H;
            float *to = i < next ? layer.hidden_previous + size_t(start + rows + i) * H : h;
            cell_forward(to, cell, gates + size_t(i) * 4 * H, before, H);
            std::memcpy(output + size_t(s.row[row]) * stride, to, H * sizeof(float));
            if (i >= next) {
                std::memcpy(final_hidden + size_t(sequence[i]) * H, to, H * sizeof(float));
                std::memcpy(final_cell + size_t(sequence[i]) * H, cell, H * sizeof(float));
            }
        }
    }
}

void backward_shard(const seq_lstm &layer, int shard, const seq_packed *recurrent_transposed,
                    const float *d_output, size_t stride, const float *d_final_hidden,
                    const float *d_final_cell, float *d_initial_hidden, float *d_initial_cell) {
    thread_local seq::Scratch zeros, hidden_scratch, cell_scratch;
    const seq_schedule &s = layer.schedule;
    size_t H = size_t(layer.H);
    Steps steps = steps_of(s, shard);
    const int32_t *sequence = s.sequence + s.shard_first_sequence[shard];
    if (steps.count == 0) return;
    float *zero = zeros.get<float>(H);
    std::memset(zero, 0, H * sizeof(float));
    // Gradients of the state after step t, for the shard's sequences in their order.
    size_t width = size_t(steps.rows(0)) * H;
    float *d_hidden = hidden_scratch.get<float>(width);
    float *d_cell = cell_scratch.get<float>(width);
    for (int t = steps.count - 1; t >= 0; t--) {
        int start = steps.first(t), rows = steps.rows(t), next = steps.rows(t + 1);
        float *gates = layer.gates + size_t(start) * 4 * H;
        for (int i = 0; i < rows; i++) {
            size_t row = size_t(start + i);
            float *dh = d_hidden + size_t(i) * H, *dc = d_cell + size_t(i) * H;
            if (i >= next) {
                const float *fh = d_final_hidden ? d_final_hidden + size_t(sequence[i]) * H : zero;
                const float *fc = d_final_cell ? d_final_cell + size_t(sequence[i]) * H : zero;
                std::memcpy(dh, fh, H * sizeof(float));
                std::memcpy(dc, fc, H * sizeof(float));
            }
            if (d_output) add_to(dh, d_output + size_t(s.row[row]) * stride, H);
            const float *before =
                t > 0 ? layer.cell + size_t(steps.first(t - 1) + i) * H
                      : (layer.initial_cell ? layer.initial_cell + size_t(sequence[i]) * H : zero);
            cell_backward(gates + size_t(i) * 4 * H, dc, dh, layer.cell + row * H, before, H);
        }
        if (t > 0 || d_initial_hidden)
            seq_matmul_packed(gates, rows, recurrent_transposed, 0, nullptr, d_hidden);
    }
    for (int i = 0; i < steps.rows(0); i++) {
        size_t to = size_t(sequence[i]) * H;
        if (d_initial_hidden)
            std::memcpy(d_initial_hidden + to, d_hidden + size_t(i) * H, H * sizeof(float));
        if (d_initial_cell)
            std::memcpy(d_initial_cell + to, d_cell + size_t(i) * H, H * sizeof(float));
    }
}

}  // namespace

extern "C" {

void seq_lstm_cell(float *hidden, float *cell, float *gates, const float *cell_previous,
                   size_t rows, size_t H) {
    seq::parallel_range(rows, std::max<size_t>(1, 4096 / std::max<size_t>(1, H)),
                        [=](size_t begin, size_t end) {
        thread_local seq::Scratch zeros;
        float *zero = zeros.get<float>(H);
        std::memset(zero, 0, H * sizeof(float));
        for (size_t r = begin; r < end; r++)
            cell_forward(hidden + r * H, cell + r * H, gates + r * 4 * H,
                         cell_previous ? cell_previous + r * H : zero, H);
    });
}

void seq_lstm_cell_backward(float *gates, float *d_cell_previous, const float *d_hidden,
                            const float *d_cell, const float *cell, const float *cell_previous,
                            size_t rows, size_t H) {
    seq::parallel_range(rows, std::max<size_t>(1, 4096 / std::max<size_t>(1, H)),
                        [=](size_t begin, size_t end) {
        thread_local seq::Scratch zeros, row;
        float *zero = zeros.get<float>(H);
        std::memset(zero, 0, H * sizeof(float));
        float *dc = row.get<float>(H);
        for (size_t r = begin; r < end; r++) {
            std::memcpy(dc, d_cell ? d_cell + r * H : zero, H * sizeof(float));
            cell_backward(gates + r * 4 * H, dc, d_hidden ? d_hidden + r * H : zero, cell + r * H,
                          cell_previous ? cell_previous + r * H : zero, H);
            if (d_cell_previous) std::memcpy(d_cell_previous + r * H, dc, H * sizeof(float));
        }
    });
}

void seq_lstm_forward(const seq_lstm *layers, int count, const seq_packed *const *recurrent,
                      float *const *output, size_t stride, float *const *final_hidden,
                      float *const *final_cell) {
    int shards = layers[0].schedule.shards;
    seq::parallel(count * shards, [&](int task) {
        int direction = task % count, shard = task / count;
        forward_shard(layers[direction], shard, recurrent[direction], output[direction], stride,
                      final_hidden[direction], final_cell[direction]);
    });
}

void seq_lstm_backward(const seq_lstm *layers, int count,
                       const seq_packed *const *recurrent_transposed, const float *const *d_output,
                       size_t stride, const float *const *d_final_hidden,
                       const float *const *d_final_cell, float *const *d_initial_hidden,
                       float *const *d_initial_cell) {
    int shards = layers[0].schedule.shards;
    seq::parallel(count * shards, [&](int task) {
        int direction = task % count, shard = task / count;
        backward_shard(layers[direction], shard, recurrent_transposed[direction],
                       d_output[direction], stride, d_final_hidden[direction],
                       d_final_cell[direction], d_initial_hidden[direction],
                       d_initial_cell[direction]);
    });
}

}  // extern "C"
